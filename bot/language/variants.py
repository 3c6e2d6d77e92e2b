"""Spellings of one name that was brought over from another script: Zelensky and Zelenskyy, Kiev and Kyiv.

Terms of the index in, a key out that its spellings share; search looks up what else in the library has the key of a
word of the query. Two sources: a table of names that the news spells in ways no safe rule covers, and rules for
the endings of Russian and Ukrainian names. What would join different names is left out: Serhiy is Sergei by one
letter, but Volodymyr is not Vladimir nor Oleksandr Alexander, Medvedeva is not Medvedev, Sara is not Sarah, Al (Gore)
is not El (Paso). Turkish needs nothing: the tokeniser folds its accents. Only terms that occur as names (`names_in`)
take part, so that no common word does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Final

from bot.language.tokens import Token, terms

# One name a line, a name with several patterns parted by blanks. "{a,o}" is one of these, "{,h}" an h or nothing.
# Left out because the term is also that of another name or a word: Poutine, Said, Sayed, Syed, Hims, Sissi, Canton,
# Waleed ("wale", like Wales), Hameed ("hame", like Hamed).
_SPELLINGS: Final = """
M{u,o}ha{m,mm}{a,e}d
M{a,e}hm{ou,u,oo}d
A{,c}hm{a,e}d
H{u,o}ss{ei,ai,ay,ey}n Hus{ei,ai,ay,ey}n Hosein Hussien
Ha{s,ss}an
{G,Q,K,Gh,Kh}a{d,dd,dh,ddh,th,zz}{a,aa}{f,ff}{i,y}
{O,U}{s,ss}ama
H{i,e}{z,zb}b{o,u,a}lla{,h} H{i,e}zb{o,u,a}lla{,h}
{Q,K}a{e,i}da{,h}
Y{u,ou}{s,ss}{u,e,ou}f
{I,E}brahim
{O,U}mar
{O,U}thman
M{u,ou,o}sta{f,ph}a
Khal{i,ee}fa{,h}
Khal{i,e}d
Ya{s,ss}{i,e}r
Rash{i,ee}d Rachid
Shar{i,ee}f
Tar{iq,eq,ek}
Fa{i,y}sal Feisal
Abd{u,e}l
Ma{s,ss}{ou,oo,u}d
Da{ou,woo,wu}d
S{u,o}l{ei,ai,ay,ey}man
S{u,o}l{ei,ai,ay,ey}mani
Abd{e,u}laziz
Abd{u,a,e}lla{,h}
Nasr{a,u}lla{,h}
A{s,ss}ad
Kham{e,a}nei Khamene'i
Khom{ei,ey}ni Khumayni
R{ou,o,u}hani
Ahm{a,e}dine{j,zh}ad
M{ou,u}{s,ss}avi
M{o,u}{q,k}tada
N{ou,u}ri
M{oa,ua}m{,m}ar
Far{ou,oo,u}k Faruq
{Q,K}a{s,ss}em Qa{s,ss}im
Shab{a,aa}b
Zar{q,k}awi
Zawah{i,}ri
Khasho{gg,gj,qj}i
M{o,u}rsi
M{ou,u}barak
Haft{a,e}r Hift{a,e}r
H{ou,u}thi
Ba{sh,ch}ar
Mushar{r,}af{,f}
{Q,K}oran Quran Qur'an
Sh{ei,ai,ay}k{,h}
Tal{i,e}ban
M{u,o}slim Moslem
M{u,o}jah{i,e}d{ee,i}n
Ayat{o,u}lla{,h}
Ramad{,h}an
Riyad{,h}
J{e,i}dda{,h}
Fallu{j,dj}a{,h}
Basra{,h}
K{a,e}rbala
Ra{q,qq,kk}a{,h}
Dara{,'}a Deraa
La{t,tt}akia
{I,E}dlib
H{o,u}d{ei,ai,ay}da{,h}
Be{q,k}aa
Bag{,h}dad
Te{,he}ran Tehran
Mecca Makka{,h}
Beng{,h}azi
Misrata Misurata
Khart{ou,u}m
K{u,o}w{ei,ai}t
Marra{kesh,kech,quesh}
{D,}jib{ou,u}ti
Netanyah{u,ou}

K{ie,yi}v
Khark{o,i}v
Ode{s,ss}a
L{vo,vi}v
Dn{ipro,epr,ieper}
Dn{i,e}propetrovsk
Ch{e,o}rnobyl Chernobyl
Cherni{hi,go}v
Mykola{,y}iv
Lu{h,g}ansk
Donba{s,ss}
Zaporizh{,zh}{ia,ya} Zaporozh{ye,ie}
Vinn{ytsia,ytsya,itsa}
Ternop{i,o}l
S{ie,ye}v{ie,ye}rodonetsk Severodonetsk
L{y,i}s{y,i}chansk
B{e,ye}larus
B{e,ye}lorussia
Pri{,sh}tina
Kosov{o,a}
Kaza{kh,k}stan
Ta{j,dzh}ikistan
R{o,u,ou}mania
Khru{shch,sch}{e,yo,o,io}v Chruschtschow
Gorba{ch,tch}{e,yo,o,io}v Gorbatschow
{Z,S}elensk{y,yy,yi,yj,iy,ii,ij,i}
{T,}chaikovsk{y,yy,yi,yj,iy,ii,ij,i} {T,}chaykovsk{y,i} Tschaikowsky
{T,}chek{,h}ov
Dosto{e,ye,ie}vsk{y,yy,yi,yj,iy,ii,ij,i}
Solzhenit{s,z}{y,i}n
Ra{ch,kh}manino{v,ff}
Prokof{ie,ye}v Prokofieff
{Y,}eltsin Jelzin
Tolsto{y,i}
Shoi{gu,gou} Shoygu
Trot{s,z}k{y,iy,ii,i}
Klitschko Kl{i,y}chko
{Yu,Iu,You}s{,h}chenko Yushenko Juschtschenko
{Y,J,I}anukov{y,i}ch
Lukashenk{o,a} Loukachenko
Saa{k,}ashvili Sakashvili
Novi{,t}chok
Serg{ei,ey,iy,ii,ui} Serh{iy,ii,ij} Serguei
Andr{ei,ey}
Andr{iy,ii,ij}
Al{ex,eks}{ei,ey}
Ol{ex,eks}{iy,ii,ij}
Al{ex,eks}and{er,r}
Ol{ex,eks}and{er,r}
{Y,I}ur{i,y,iy,ii,ij}
Ni{k,c}olai Nikolay
Dm{i,}tr{y,i,iy,ii,ij} Dimitr{y,i}
Va{s,ss}il{y,i,iy,ii,ij}
{Y,}evgen{y,i,iy,ii,ij}
{Y,}evgenia
{Y,}ekaterina
{Y,}egor
F{e,yo}dor
Ma{x,ks}{i,y}m
Art{e,yo}m
I{g,h}or
Ole{g,h}

Peking Beijing
Nan{k,j}ing
Chungking Chongqing
Tientsin Tianjin
Sichuan Szechwan Szechuan
Kwangtung Guangdong
Sinkiang Xinjiang
Chekiang Zhejiang
Fukien Fujian
Kuomintang Guomindang
Maca{u,o}
Mumbai Bombay
Kolkata Calcutta
Bengaluru Bangalore
Myanmar Burma
Yangon Rangoon
Dhaka Dacca
Kat{,h}mandu
Ha{b,p}sburg
"""

# What the endings of Russian and Ukrainian names leave open, in this order. Anything wider would join names
# that differ (a final "ah", "ou" for "u", "y" for "i" in any word: Sarah, Houston and Huston, Clyburn and Cliburn).
_RULES: Final = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        ("(?<!rel)[iy]{1,2}ev(?=a?$|sk)", "ev"),  # Medvedyev, Aliyev, Vasilyev and Vasiliev; not relieve, relevant
        ("(?<=[csz]h)(?:yo|o)v$", "ev"),  # Pugachyov, Pugachov: Pugachev
        ("(?<=[aeiou]no)ff$|(?<=ie)ff$", "v"),  # Romanoff, Kondratieff; not takeoff, for "takeov" is takeover
        ("(?<=[eo]v)ych$", "ich"),  # Yanukovych
        ("s(?:hc|c)henk(?=[oa]$)", "shenk"),  # Yushchenko, Yuschenko; Poroschenko
        ("(?<=...enk)a$", "o"),  # Lukashenka
        ("(?<=..(?:sk|[a-z]n))(?:yy|yi|yj|iy|ii|ij)$", "i"),  # Zelenskyy, Navalnyi: Snowball itself makes "sky" "ski"
        (
            "(?<=[bcdfghklmnprstvz])y(?=[bcdfghklmnprstvz][a-z]*(?:ova?|eva?|enko|ski|vich|chuk)$)",
            "i",  # Tymoshenko, Lytvynenko, Kadyrov
        ),
    )
)
_RULED_ENDINGS: Final = frozenset("vfhoaiyj")
_SHORTEST_RULED_CHARS, _LONGEST_RULED_CHARS = 5, 64


def variant_key(term: str) -> str:
    """What the spellings of one name have in common: two terms with the same key may be the same name.

    Takes a term as `bot.language.tokens` gives it, any other string too; a term without variants is its own key.
    """
    known = _BY_TERM.get(term)
    if known is not None:
        return known
    if not _SHORTEST_RULED_CHARS <= len(term) <= _LONGEST_RULED_CHARS or term[-1] not in _RULED_ENDINGS:
        return term
    plain = term
    for pattern, replacement in _RULES:
        plain = pattern.sub(replacement, plain)
    return _BY_TERM.get(plain, plain)


@lru_cache(maxsize=32_768)
def word_key(word: str) -> str:
    """`variant_key` of a folded word as people write it, not yet a term; of one that is no term, the word."""
    found = terms(word)
    return variant_key(found[0]) if found else word


def same_name(one: str, other: str) -> bool:
    """Whether two terms that occur as names are spellings of one name."""
    return one == other or variant_key(one) == variant_key(other)


def names_in(text: str, tokens: Sequence[Token]) -> set[str]:
    """The terms among ``tokens`` (of ``text``) that are names there: they begin with a capital wherever they occur.

    Words of a line without a small letter are no evidence, for and against: a text in capitals has no names.
    """
    shouted = _shouted_lines(text)
    names: set[str] = set()
    others: set[str] = set()
    for token in tokens:
        start = token.span.start
        while shouted and shouted[-1][1] <= start:
            shouted.pop()
        if shouted and shouted[-1][0] <= start:
            continue
        (names if text[start].isupper() else others).add(token.term)
    return names - others


def _shouted_lines(text: str) -> list[tuple[int, int]]:
    """Where the lines without a small letter stand, the last first."""
    found, start = [], 0
    for line in text.split("\n"):
        if line and line == line.upper():
            found.append((start, start + len(line)))
        start += len(line) + 1
    return found[::-1]


def _spelled_out(pattern: str) -> Iterator[str]:
    """The words a pattern of the table stands for."""
    parts = re.split(r"\{([^}]*)\}", pattern)
    return map("".join, product(*(part.split(",") for part in parts)))


def _groups() -> Iterator[list[str]]:
    """The terms of the spellings of each name of the table, the key first."""
    for line in filter(None, _SPELLINGS.split("\n")):
        words = (word for pattern in line.split() for word in _spelled_out(pattern))
        yield list(dict.fromkeys(term for word in words for term in terms(word)))


_BY_TERM: Final = {term: group[0] for group in _groups() for term in group}
