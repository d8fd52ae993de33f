"""A response leaves in one write, and what was written before a close leaves before it."""

import asyncio

from ledger.api.protocol import WholeResponses


class Wire:
    """Stands where the operating system does: it keeps what it is told, in order."""

    def __init__(self) -> None:
        self.told: list[bytes | str] = []

    def write(self, part: bytes) -> None:
        self.told.append(part)

    def close(self) -> None:
        self.told.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.told


def test_head_and_body_leave_together():
    async def respond() -> list[bytes | str]:
        wire = Wire()
        whole = WholeResponses(wire, asyncio.get_running_loop())  # type: ignore[arg-type]
        whole.write(b"head ")
        whole.write(b"body")
        assert wire.told == []
        await asyncio.sleep(0)
        whole.write(b"next")
        await asyncio.sleep(0)
        return wire.told

    assert asyncio.run(respond()) == [b"head body", b"next"]


def test_nothing_is_lost_by_a_close():
    async def respond() -> list[bytes | str]:
        wire = Wire()
        whole = WholeResponses(wire, asyncio.get_running_loop())  # type: ignore[arg-type]
        whole.write(b"goodbye")
        whole.close()
        assert whole.is_closing()
        await asyncio.sleep(0)
        return wire.told

    assert asyncio.run(respond()) == [b"goodbye", "closed"]
