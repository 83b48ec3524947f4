"""Answers that are sent part by part, to whoever the server says is still there."""

import asyncio
from collections.abc import Generator

import pytest

from classbell.config.front_door import FrontDoor
from classbell.config.stopping import Stop


class Awaitable:
    """What the server gives to be awaited: no coroutine."""

    def __await__(self) -> Generator[None]:
        yield from ()


class Transport:
    """Who reads an answer."""

    def __init__(self) -> None:
        self.read: list[bytes] = []

    def send_bytes(self, part: bytes) -> Awaitable:
        self.read.append(part)
        return Awaitable()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_every_part_is_sent_in_its_order(count: int) -> None:
    door = FrontDoor(
        lambda _environ, _respond: [],
        threads=1,
        seconds_for_body=1,
        stop=Stop(listening=0, notice=0),
    )
    transport = Transport()
    parts = [f"part {number}".encode() for number in range(count)]

    async def send() -> None:
        door._loop = asyncio.get_running_loop()
        await asyncio.to_thread(door._send_in_parts, parts, transport)

    asyncio.run(send())

    assert transport.read == parts
