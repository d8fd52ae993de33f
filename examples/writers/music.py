"""A music engine: bars, phrases and tempo from an asyncio loop that must not be held up.

python examples/writers/music.py http://127.0.0.1:8000 spools/music SESSION --bars 64
"""

import argparse
import asyncio

from ledger.client import AsyncWriter

SECTIONS = ("intro", "build", "drop", "release")


async def play(writer: AsyncWriter, session: str, bars: int, bar_seconds: float) -> None:
    """Fire so many bars. A call takes its place in order at once; the loop need not stand still until it is safe."""
    under_way = []
    for bar in range(bars):
        under_way.append(
            asyncio.ensure_future(writer.append_director_event(session, "bar_fire", metadata={"bar": bar}))
        )
        if bar % 8 == 0:
            section = SECTIONS[bar // 8 % len(SECTIONS)]
            await writer.append_director_event(session, "music_phrase_start", reason=section)
            under_way.append(asyncio.ensure_future(writer.append_music_moment(session, section=section, tempo=124)))
        await asyncio.sleep(bar_seconds)
    await asyncio.gather(*under_way)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("spool")
    parser.add_argument("session")
    parser.add_argument("--bars", type=int, default=64)
    parser.add_argument("--bar-seconds", type=float, default=1.94)
    parser.add_argument("--key")
    given = parser.parse_args()
    async with AsyncWriter(given.url, given.key, spool=given.spool) as writer:
        await play(writer, given.session, given.bars, given.bar_seconds)
        await writer.flush()


if __name__ == "__main__":
    asyncio.run(main())
