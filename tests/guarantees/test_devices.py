"""A device's spool on a disk that loses its power: what its program was told is recorded is there, as it was, under its number."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple
from zlib import crc32

import pytest

from ledger.client.batches import Batch
from ledger.client.failures import SpoolFailedError, SpoolFullError
from ledger.client.functions import LOSS
from ledger.client.outbox import Outbox
from ledger.client.spool import Spool
from tests.careless import careless
from tests.client.spools import SESSION, cut, moment, numbers
from tests.guarantees.disk import FakeDisk, Note, Trouble, power_cut
from tests.guarantees.interception import FULL, SYNC_FAILED, WRITE_FAILED, intercepting, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))

CUTS: Final = 6


_FACTS: Final = "SELECT number, batch, function, arguments, checksum FROM facts"


class Fact(NamedTuple):
    """A fact as a spool has it."""

    number: int
    batch: int
    function: str
    arguments: str
    checksum: int


class Recorded(NamedTuple):
    """Facts of which the program was told that they are recorded, by number, with their own times."""

    times: dict[int, int]


class Dropped(NamedTuple):
    """Facts for which there was no room any longer; the program was told."""

    numbers: tuple[int, ...]


class Taken(NamedTuple):
    """Facts that went out to the ledger as one batch, and from here on may be gone."""

    numbers: tuple[int, ...]


def live(folder: Path, chance: Random, *, is_busy: bool) -> list[Note]:
    """A device's life on a fake disk: it records, sends, and has trouble with its disk. What happened, in order.

    A busy one sends the next batch before it has written down what became of the last, and may drop what there is no room for.
    """
    disk = FakeDisk(chance)
    times = iter(range(1_000_000))
    options: dict[str, Any] = {"on_dropped": lambda numbers: disk.tell(Dropped(tuple(numbers)))}
    if is_busy and chance.random() < 0.5:
        options |= {"limit_bytes": 12_000, "droppable": ("cut",)}
    with intercepting(disk), closing(Spool(folder, "cam-2", **options)) as spool:
        outbox = Outbox(spool)
        sent: deque[list[Batch]] = deque()
        if (code := chance.choice((None, None, FULL, WRITE_FAILED, SYNC_FAILED))) is not None:
            first = chance.randint(1, 60)
            disk.trouble([Trouble("spool.sqlite-wal", code, first, first + chance.choice((0, 3, 20)))])
        for _ in range(chance.randint(10, 40)):
            try:
                if chance.random() < 0.7:
                    stated = [next(times) for _ in range(chance.choice((1, 1, 1, 4)))]
                    number = spool.append([chance.choice((cut, cut, moment))(at, **_padded(chance)) for at in stated])
                    disk.tell(Recorded(dict(enumerate(stated, number))))
                else:
                    _send(spool, outbox, sent, disk, is_busy=is_busy)
                    if chance.random() < 0.3:
                        spool.sweep()
            except SpoolFullError:
                pass  # and nothing was recorded
            except SpoolFailedError as failed:
                sent.clear()
                disk.tell(failed)
    return disk.notes


def _send(spool: Spool, outbox: Outbox, sent: deque[list[Batch]], disk: FakeDisk, *, is_busy: bool) -> None:
    """As the sender does it: what was answered is written down once the batch behind it is under way, if there is one."""
    taken = spool.take_behind(sent[0]) if sent else spool.take()
    for batch in taken:
        disk.tell(Taken(tuple(batch.numbers)))
    if taken:
        sent.append(taken)
    if sent and (not is_busy or not taken or len(sent) > 1):
        answered = sent.popleft()
        outbox.acknowledge(answered, [f"{SESSION}-e{number}" for number in numbers(answered)])


def _padded(chance: Random) -> dict[str, str]:
    return {"metadata": "x" * chance.choice((0, 0, 0, 6_000))}


def after_cuts(notes: list[Note], chance: Random, folder: Path) -> Iterator[tuple[list[Note], Spool]]:
    """What was told before each of some moments at which the power is cut, and the spool that is found then."""
    told_at = [place for place, note in enumerate(notes, 1) if note.told is not None]
    for number in range(CUTS if told_at else 0):
        moment_of_cut = chance.choice((chance.choice(told_at), chance.randint(told_at[0], len(notes))))
        left = folder / f"left-{number}"
        left.mkdir(parents=True)
        power_cut(notes[:moment_of_cut], chance, left)
        with closing(Spool(left, "cam-2")) as spool:
            yield notes[:moment_of_cut], spool


def check(notes: list[Note], spool: Spool) -> None:
    """Raises AssertionError where something that was told is not so."""
    recorded: dict[int, int] = {}
    gone: set[int] = set()
    batches: list[tuple[int, ...]] = []
    for note in notes:
        match note.told:
            case Recorded(times):
                assert not recorded.keys() & times.keys(), "a number was given twice"
                recorded |= times
            case Dropped(numbers):
                gone.update(numbers)
            case Taken(numbers):
                gone.update(numbers)
                batches.append(numbers)
    found = {fact.number: fact for fact in map(Fact._make, spool.connection.execute(_FACTS))}
    assert all(number in gone for number in found if number <= spool.leftovers.last), "what waits is held to be taken"
    assert spool.pending == sum(number > spool.leftovers.last for number in found)
    for report in (json.loads(fact.arguments) for fact in found.values() if fact.function == LOSS):
        for lost in report["numbers"]:  # recorded with the drop, of which the program may not have heard any more
            gone.update(range(lost["first"], lost["last"] + 1))
    for number, at in recorded.items():
        if number not in gone:
            assert number in found, f"{number} was told to be recorded, and is lost"
        if number in found:
            assert crc32(found[number].arguments.encode()) == found[number].checksum
            assert f'"timestampMs":{at}' in found[number].arguments, f"{number} is another fact now"
    assert spool.last >= max(recorded, default=0), "the next fact would take a number that was given before"
    for numbers in batches:
        assert len({number in found for number in numbers}) == 1, "a part of what was sent as one batch is gone"
        left = {found[number].batch for number in numbers if number in found}
        assert len(left) <= 1, "what was sent as one batch must be sent so again"
        others = {fact.number for fact in found.values() if fact.batch in left} - set(numbers)
        assert not others, f"{others} joined a batch that may have been sent"


def live_and_look(seed: int, folder: Path, *, is_busy: bool = False) -> None:
    chance = Random(seed)
    (folder / "device").mkdir(parents=True)
    notes = live(folder / "device", chance, is_busy=is_busy)
    for told, spool in after_cuts(notes, chance, folder):
        check(told, spool)


# In the life 122 a fact whose sync had failed came back from the dead, into a batch that had been sent without it.
# In the life 105 a sync failed and took along an acknowledgement before it that had not been synced, and so all that came behind.
SEEDS: Final = [
    0,
    1,
    2,
    105,
    122,
    *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 200) if seed not in (105, 122)),
]
# The same as in the life 105 befell these.
BUSY_SEEDS: Final = [
    80,
    107,
    *(pytest.param(seed, marks=pytest.mark.long) for seed in range(200) if seed not in (80, 107)),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_device_was_told_survives_every_power_cut(tmp_path: Path, seed: int):
    live_and_look(seed, tmp_path)


@pytest.mark.parametrize("seed", BUSY_SEEDS)
def test_so_it_does_while_the_next_batch_is_on_its_way_and_there_is_no_room(tmp_path: Path, seed: int):
    live_and_look(seed, tmp_path, is_busy=True)


def test_where_there_is_no_room_for_a_long_log_a_spool_has_its_facts_all_the_same(tmp_path: Path):
    with closing(Spool(tmp_path, "cam-2")) as spool:
        spool.append([cut(1), cut(2)])
    disk = FakeDisk(Random(0))
    disk.trouble([Trouble("spool.sqlite-wal", FULL, 5, 1_000)])
    with intercepting(disk), closing(Spool(tmp_path, "cam-2")) as spool:
        with pytest.raises(SpoolFailedError, match="nothing was recorded: database or disk is full"):
            spool.append([cut(3, metadata="x" * 20_000)])
        disk.trouble([])
        assert spool.append([cut(3)]) == 3
        assert numbers(spool.take()) == [1, 2]


@pytest.mark.parametrize("fault", ["spool-unsynced"])
def test_a_careless_spool_is_found_out(tmp_path: Path, fault: str):
    def live_until_found_out() -> None:
        for seed in range(30):
            live_and_look(seed, tmp_path / str(seed))

    with careless(fault), pytest.raises(AssertionError, match=r"is lost|was given before"):
        live_until_found_out()
