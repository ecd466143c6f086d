"""How a listener answers that is there and does not do WS-Management: the modes of
faults/answers.py as HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from aiohttp import web

_SOAP = {"Content-Type": "application/soap+xml;charset=UTF-8"}
_HTML = {"Content-Type": "text/html; charset=us-ascii"}
_UNAVAILABLE = (
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML '
    '4.01//EN""http://www.w3.org/TR/html4/strict.dtd">\r\n<HTML><HEAD><TITLE>Service Unavailable'
    "</TITLE></HEAD>\r\n<BODY><h2>Service Unavailable</h2>\r\n<hr><p>HTTP Error 503. The service "
    "is unavailable.</p>\r\n</BODY></HTML>\r\n"
)
#: The body of "huge": chunks of a mebibyte.
CHUNK = b"x" * (1 << 20)
CHUNKS = 300


def _forbidden() -> web.Response:
    return web.Response(status=403)


def _proxy() -> web.Response:
    headers = {**_HTML, "Proxy-Authenticate": 'Basic realm="proxy"'}
    return web.Response(
        status=407, headers=headers, body=b"<html><body>Proxy Authentication Required</body></html>"
    )


def _error() -> web.Response:
    return web.Response(status=500, text="Internal Server Error")


def _unavailable() -> web.Response:
    return web.Response(status=503, headers=_HTML, body=_UNAVAILABLE.encode())


def _html() -> web.Response:
    return web.Response(
        status=200,
        headers=_HTML,
        body=b"<html><head><title>Welcome</title></head><body><h1>It works</h1></body></html>",
    )


def _garbage() -> web.Response:
    return web.Response(status=200, headers=_SOAP, body=bytes(range(256)) * 4)


def _empty() -> web.Response:
    return web.Response(status=200, headers=_SOAP)


def _bad_token() -> web.Response:
    return web.Response(status=401, headers={"WWW-Authenticate": "Negotiate bm8gdG9rZW4="})


#: Modes that answer every request alike, before anybody has logged on.
BLUNT: dict[str, Callable[[], web.Response]] = {
    "forbidden": _forbidden,
    "proxy": _proxy,
    "error": _error,
    "unavailable": _unavailable,
    "html": _html,
    "garbage": _garbage,
    "empty": _empty,
    "bad_token": _bad_token,
}


async def huge(request: web.Request) -> web.StreamResponse:
    """More than any client should take, a piece at a time; it ends when the client goes."""

    async def pieces() -> AsyncIterator[bytes]:
        for _number in range(CHUNKS):
            yield CHUNK

    return await _streamed(
        request, web.Response(status=200, headers=_SOAP), pieces(), CHUNKS * len(CHUNK)
    )


async def trickled(
    request: web.Request, whole: web.StreamResponse, pace: float
) -> web.StreamResponse:
    """The answer as it is, a byte each ``pace`` real seconds; answers without a body (of a logon)
    as they are.
    """
    body = whole.body if isinstance(whole, web.Response) else None
    if not isinstance(body, bytes) or not body:
        return whole

    async def pieces() -> AsyncIterator[bytes]:
        for value in body:
            await asyncio.sleep(pace)
            yield bytes((value,))

    return await _streamed(request, whole, pieces(), len(body))


async def _streamed(
    request: web.Request, like: web.StreamResponse, pieces: AsyncIterator[bytes], length: int
) -> web.StreamResponse:
    answer = web.StreamResponse(
        status=like.status,
        headers={k: v for k, v in like.headers.items() if k.lower() != "content-length"},
    )
    answer.content_length = length
    await answer.prepare(request)
    async for piece in pieces:
        await answer.write(piece)
    await answer.write_eof()
    return answer
