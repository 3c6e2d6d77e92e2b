"""The double's HTTP side: a request is read, limited, failed where a fault says so, carried out, and answered.

bytes -> body and files -> bucket -> fault -> `tests.wire.rest` -> response, and a line in ``requests``
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.wire import objects
from tests.wire.buckets import Buckets
from tests.wire.faults import Fault, Faults
from tests.wire.objects import Json
from tests.wire.rest import Rest

UPLOAD_BYTES = 10 * 1024 * 1024  # a file
REQUEST_BYTES = 25 * 1024 * 1024  # of all files of a request


def respond(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON response whose content type names no charset: discord.py reads any other as text."""
    content = json.dumps(body).encode()
    return web.Response(body=content, status=status, content_type="application/json", headers=headers)


@dataclass(frozen=True)
class Request:
    """A request of the bot; ``status`` is what it was answered, 0 where the connection was dropped.

    ``by`` is the process that asked, where several run: the name in the address that it was given.
    """

    method: str
    path: str
    body: Any
    status: int
    query: dict[str, str] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)  # sizes in bytes by name
    by: str = ""


class Api:
    """Answers the requests of one application. ``news`` is called after each."""

    def __init__(self, rest: Rest, faults: Faults, buckets: Buckets, news: Callable[[], None]) -> None:
        self.requests: list[Request] = []
        self._rest = rest
        self._faults = faults
        self._buckets = buckets
        self._news = news

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path, by = "/" + request.match_info["path"], request.match_info.get("by", "")
        body, files = await _read(request)
        fault = self._faults.of(request.method, path, by)
        if fault is not None:
            await asyncio.sleep(fault.delay_seconds)
        headers, limited = self._buckets.take(request.method, path)
        if limited is not None:
            response = respond(limited[1], limited[0], headers | limited[2])
        else:
            response = self._met(request, path, body, files, fault, headers)
        dropped = fault is not None and fault.drop
        if fault is not None and fault.strike is not None:
            fault.strike()
        if dropped and request.transport is not None:
            request.transport.abort()
        status = 0 if dropped else response.status
        self.requests.append(Request(request.method, path, body, status, dict(request.query), files, by))
        if fault is not None and fault.after is not None:
            await response.prepare(request)
            await response.write_eof()
            fault.after()
        self._news()
        return response

    def _met(
        self,
        request: web.Request,
        path: str,
        body: Json | None,
        files: dict[str, int],
        fault: Fault | None,
        headers: dict[str, str],
    ) -> web.Response:
        """Carry the request out, unless its fault says otherwise, and make the response that it gets."""
        response = web.Response()
        if fault is None or fault.carried_out:
            if _too_large(files):
                return respond({"message": "Request entity too large", "code": 40005}, 413, headers)
            status, answer = self._rest.handle(
                request.method,
                path,
                body,
                request.headers.get("Authorization"),
                dict(request.query),
                _attachments(body, files),
            )
            response = respond(answer, status, headers)
        if fault is not None and fault.status:
            status, answer, more = fault.answer()
            response = respond(answer, status, headers | more)
        return response


async def _read(request: web.Request) -> tuple[Any, dict[str, int]]:
    """The JSON body, and the sizes of the files that came with it."""
    if not request.can_read_body:
        return None, {}
    if not request.content_type.startswith("multipart/"):
        return await request.json(), {}
    form = await request.post()
    files = {
        part.filename: len(part.file.read())
        for name, part in form.items()
        if name.startswith("files[") and isinstance(part, web.FileField)
    }
    payload = form.get("payload_json")
    return json.loads(payload) if isinstance(payload, str) else None, files


def _attachments(body: Json | None, files: dict[str, int]) -> list[Json]:
    """The attachments that uploaded files become, with the descriptions that the body gives them."""
    told: list[Json] = next((part["attachments"] for part in _messages(body) if "attachments" in part), [])
    described = {one.get("filename"): one.get("description") for one in told}
    return [objects.attachment(name, size, described.get(name)) for name, size in files.items()]


def _messages(body: Json | None) -> list[Json]:
    """The places where a body holds a message: itself, an interaction's data, a thread's first message."""
    if not isinstance(body, dict):
        return []
    return [body, *(body[key] for key in ("data", "message") if isinstance(body.get(key), dict))]


def _too_large(files: dict[str, int]) -> bool:
    return any(size > UPLOAD_BYTES for size in files.values()) or sum(files.values()) > REQUEST_BYTES
