"""How an answer goes out: whole, in part, slowly, or not at all."""

import asyncio
import socket
import struct

from aiohttp import web

from .wire import Answer, Delivery

#: discard what is unsent, and reset
_AT_ONCE = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def hand_out(http: web.Request, delivery: Delivery) -> web.StreamResponse:
    """Send an answer as far as the delivery lets it through."""
    if delivery.wait_s:
        await asyncio.sleep(delivery.wait_s)
    answer = delivery.answer
    if answer is None:
        _cut(http, reset=delivery.reset)
        return web.Response()  # goes nowhere: the connection has ended
    if delivery.share == 1 and delivery.pieces == 1:
        return _whole(answer)
    return await _piecemeal(http, answer, delivery)


def _whole(answer: Answer) -> web.Response:
    response = web.Response(status=answer.status, body=answer.body or None)
    response.headers.update(answer.headers)
    if answer.body:
        response.content_type = answer.content_type
        response.charset = "utf-8"
    return response


async def _piecemeal(
    http: web.Request, answer: Answer, delivery: Delivery
) -> web.StreamResponse:
    """Announce the whole, and send what the delivery says of it."""
    response = web.StreamResponse(status=answer.status, headers=dict(answer.headers))
    response.content_type = answer.content_type
    response.content_length = len(answer.body)
    await response.prepare(http)
    kept = answer.body[: int(len(answer.body) * delivery.share)]
    size = max(1, -(-len(kept) // delivery.pieces))
    for start in range(0, len(kept), size):
        if start:
            await asyncio.sleep(delivery.pause_s)
        await response.write(kept[start : start + size])
    if len(kept) < len(answer.body):
        _cut(http, reset=delivery.reset)
    return response


def _cut(http: web.Request, *, reset: bool) -> None:
    """End the connection: in order, or at once."""
    if http.transport is None:
        return
    if reset:
        # without it the kernel would end an idle connection in order
        http.transport.get_extra_info("socket").setsockopt(*_AT_ONCE)
        http.transport.abort()
    else:
        http.transport.close()
