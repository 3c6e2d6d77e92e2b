"""Which addresses on the network may be dialled: those of the public internet, and nothing else.

The lists are explicit, after IANA's registries of special-purpose addresses (RFC 6890 and its updates), and say more
than `ipaddress`: its ``is_global`` calls NAT64, 6to4 and multicast global, and knows nothing of a cloud's own services.
IPv6 is judged the other way round, as all but 2000::/3 is set aside for something: only that is public, less what is
set aside in it. An address that carries another one inside (mapped, NAT64, 6to4, Teredo, ISATAP) is never dialled,
whatever it carries: a web site has no need of it.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

WEB_PORTS = frozenset({80, 443})

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; Linux takes 0.0.0.0 for itself
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a provider's customers (CGNAT); Alibaba's metadata is 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's own services, seen from any of its machines
        "169.254.0.0/16",  # link-local; the metadata of most clouds is 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata is 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112, a sink for stray queries
        "192.52.193.0/24",  # multicast tunnels (AMT)
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)
_PUBLIC_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3ffe::/16",  # the 6bone, given back
        "3fff::/20",  # documentation
    )
)
_ISATAP = (0x00005EFE, 0x02005EFE)  # the third quarter of an address that carries an IPv4 address in its last


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether ``address`` is one of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    if address.scope_id or address not in _PUBLIC_V6 or any(address in network for network in _NOT_PUBLIC_V6):
        return False
    return int(address) >> 32 & 0xFFFFFFFF not in _ISATAP


def may_dial(host: str, port: int) -> bool:
    """Whether a connection may be opened to ``host``, an address as the system writes it, at ``port``."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return port in WEB_PORTS and is_public(address)
