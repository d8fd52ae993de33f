"""A session imported into another ledger is the same session there, to the digest; whatever could do harm is refused."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.application.bundles import import_bundle, read_bundle
from ledger.application.functions import Caller
from ledger.application.verify import verify
from ledger.bootstrap import LOG_FILE, VIEWS_FILE, now_ms, open_for_writing
from ledger.domain.proofs import kept_heads
from ledger.domain.refusals import Invalid, SessionDiffers, SessionExists
from ledger.domain.vocabulary import Vocabulary
from ledger.log.integrity import leaf_hash
from ledger.log.merkle import root_of
from tests.application.asking import Asking
from tests.cli.terminal import done

Entries = list[dict[str, Any]]


class Source:
    """A ledger with a session that is carried elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.directory, self.bundle = folder / "source", folder / "bundle"
        with open_for_writing(self.directory, Vocabulary()) as ledger:
            ask = Asking(ledger)
            ask.start(title="before")
            self.session_id = ask.start(title="carried")
            camera = {"cameraId": "a", "sourceType": "iphone", "role": "hero", "priorityWeight": 1, "isActive": True}
            ask.write("upsertProductionCamera", sessionId=self.session_id, **camera)
            first = ask.cut(self.session_id, 5, cameraId="a", reason="é")
            ask.write(
                "correctDirectorEvent", sessionId=self.session_id, eventId=first, changes={"score": 1}, reason="x"
            )
            ask.write("createStillCandidate", sessionId=self.session_id, cameraId="a", timestampMs=1, score=1)
            self.answers = answers(ask, self.session_id)
        self.write_bundle()

    def write_bundle(self) -> None:
        done("bundle", self.session_id, "-o", self.bundle, "--data", self.directory)


def answers(ask: Asking, session_id: str) -> list[Any]:
    """What the ledger says of a session, less what is the ledger's own: epoch, shard and position."""
    head = ask.read("getSessionHead", sessionId=session_id)
    entries = ask.read("listStoredEntries", sessionId=session_id)["page"]
    return [
        ask.read("getProductionTimeline", sessionId=session_id),
        ask.read("getCutLog", sessionId=session_id),
        ask.read("listSessionHistory", sessionId=session_id)["page"],
        [{name: value for name, value in entry.items() if name != "position"} for entry in entries],
        {name: head[name] for name in ("sequence", "root", "recordedAt")},
    ]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def imported(source: Source, target: Path) -> None:
    with open_for_writing(target, Vocabulary()) as ledger:
        came = import_bundle(ledger.log, read_bundle(source.bundle), now_ms())
        assert (came.session_id, came.was_there) == (source.session_id, False)
        assert answers(Asking(ledger), source.session_id) == source.answers


def test_a_session_is_the_same_in_another_ledger(source: Source, tmp_path: Path):
    target = tmp_path / "target"
    with open_for_writing(target, Vocabulary()) as ledger:
        own = Asking(ledger).start()
    imported(source, target)
    with open_for_writing(target, Vocabulary()) as ledger:
        ask = Asking(ledger)
        assert answers(ask, source.session_id) == source.answers
        assert ask.cut(source.session_id, 9) == f"{source.session_id}-e6", "it goes on where it was"
        assert ask.cut(own, 9) == f"{own}-e2"
        head = json.dumps(ask.read("ledger:getHead"))
    found = verify(target / LOG_FILE, target / VIEWS_FILE, {"now": kept_heads(head)})
    assert found.faults == []
    assert [check.told for check in found.checks if check.name == "imported sessions"] == ["1"]


def test_a_running_ledger_shows_what_was_imported(source: Source, tmp_path: Path):
    with open_for_writing(tmp_path / "target", Vocabulary()) as ledger:
        ask = Asking(ledger)
        ask.start()
        assert ask.read("listProductionSessions")["page"][0]["_id"] != source.session_id
        import_bundle(ledger.log, read_bundle(source.bundle), now_ms())
        assert answers(ask, source.session_id) == source.answers
        assert ask.cut(source.session_id, 9).endswith("-e6")


def test_a_start_that_is_sent_again_to_the_other_ledger_makes_no_second_beginning(source: Source, tmp_path: Path):
    with open_for_writing(source.directory, Vocabulary()) as ledger:
        start: dict[str, Any] = {"caller": Caller("ann", "k"), "sessionType": "music_demo"}
        source.session_id = json.loads(Asking(ledger).written("startProductionSession", **start).json)
    source.write_bundle()
    with open_for_writing(tmp_path / "target", Vocabulary()) as ledger:
        import_bundle(ledger.log, read_bundle(source.bundle), now_ms())
        with pytest.raises(SessionExists, match=source.session_id):
            Asking(ledger).written("startProductionSession", **start)
        assert ledger.log.heads() == [1]


def test_what_is_there_already_is_left_alone(source: Source, tmp_path: Path):
    imported(source, tmp_path / "target")
    for directory in (tmp_path / "target", source.directory):
        with open_for_writing(directory, Vocabulary()) as ledger:
            Asking(ledger).cut(source.session_id, 9)
            before = ledger.log.heads()
            came = import_bundle(ledger.log, read_bundle(source.bundle), now_ms())
            assert (came.was_there, ledger.log.heads()) == (True, before)


def test_another_history_of_the_same_session_is_refused(source: Source, tmp_path: Path):
    imported(source, tmp_path / "target")
    for directory in (tmp_path / "target", source.directory):
        with open_for_writing(directory, Vocabulary()) as ledger:
            Asking(ledger).cut(source.session_id, 9)
    source.write_bundle()
    with open_for_writing(tmp_path / "target", Vocabulary()) as ledger:
        before = ledger.log.heads()
        with pytest.raises(SessionDiffers, match="another from sequence 6 on"):
            import_bundle(ledger.log, read_bundle(source.bundle), now_ms())
        assert ledger.log.heads() == before


def test_what_this_machines_clock_has_not_come_to_is_refused(source: Source, tmp_path: Path):
    with open_for_writing(tmp_path / "target", Vocabulary()) as ledger:
        before = ledger.log.heads()
        bundle = read_bundle(source.bundle)
        late = [row._replace(recorded_at=row.recorded_at + 3_600_000) for row in bundle.rows]
        with pytest.raises(Invalid, match="clock has not come to"):
            import_bundle(ledger.log, bundle._replace(rows=late), now_ms())
        assert ledger.log.heads() == before


def forge(source: Source, change: Callable[[Entries], object]) -> None:
    """Rewrite the bundle as somebody would who computes everything anew: it agrees with itself whatever it says."""
    first, *entries = [json.loads(line) for line in source.bundle.read_text("utf-8").rstrip("\n").split("\n")]
    change(entries)
    for entry in entries:
        salt = bytes.fromhex(entry["salt"])
        of, who = (entry["sessionId"], entry["sequence"]), (entry["actor"], entry.get("key"))
        entry["leaf"] = leaf_hash(*of, entry["type"], entry["recordedAt"], *who, salt, entry["body"]).hex()
    for position, entry in enumerate(entries, 1):
        entry["position"] = position
    root = root_of([bytes.fromhex(entry["leaf"]) for entry in entries]).hex()
    last = entries[-1]
    place = {"sessionId": last["sessionId"], "sequence": len(entries), "position": len(entries)}
    first["head"] |= {**place, "root": root, "recordedAt": last["recordedAt"]}
    first["shard"] |= {"position": len(entries), "root": root}
    first["gaps"] = []
    source.bundle.write_text("\n".join(map(json.dumps, [first, *entries])))


def change_all(field: str, value: Any) -> Callable[[Entries], object]:
    return lambda entries: [entry.update({field: value}) for entry in entries]


def change_one(at: int, **changes: Any) -> Callable[[Entries], object]:
    return lambda entries: entries[at].update(changes)


def told_as(at: int, other: int) -> Callable[[Entries], object]:
    """One entry says what another says."""
    return lambda entries: entries[at].update({name: entries[other].get(name) for name in ("type", "body", "entity")})


KEY = json.dumps({"name": "mallory", "sha256": sha256(b"k").hexdigest(), "scopes": ["admin"]})
HARMFUL: dict[str, tuple[Callable[[Entries], object], str]] = {
    "the ledger's own keys": (change_all("sessionId", "keys"), "is no Id of a session"),
    "an Id that breaks documents": (change_all("sessionId", 's","x":"'), "is no Id of a session"),
    "a key among the facts": (change_one(2, type="key-added.1", body=KEY), "sequence 3"),
    "no start": (told_as(0, 2), "is not the history of a session"),
    "two starts": (told_as(2, 0), "more than once"),
    "a type that this version does not know": (change_one(2, type="nothing.1"), "sequence 3: no event is stored as"),
    "a body that does not fit its type": (change_one(2, body='{"timestampMs":"x"}'), "sequence 3"),
    "a body that documents cannot take": (
        change_one(2, body=' {"timestampMs":1,"eventType":"cut"}'),
        "not as a ledger stores it",
    ),
    "an entity that is not the event's": (change_one(2, entity="camera:a"), "not as a ledger stores it"),
    "an actor that is none": (change_one(2, actor=""), "actor must be 1 to"),
    "an actor with a break": (change_one(2, actor="a\nb"), "actor must be 1 to"),
    "an empty key": (change_one(2, key=""), "key must be 1 to"),
    "a correction of nothing": (
        change_one(3, body='{"corrects":99,"changes":{"void":true},"reason":"x"}', entity="event:99"),
        "its facts make no session",
    ),
}


@pytest.mark.parametrize(("change", "rule"), HARMFUL.values(), ids=HARMFUL.keys())
def test_a_bundle_that_agrees_with_itself_and_could_do_harm_is_refused(
    source: Source, change: Callable[[Entries], object], rule: str
):
    forge(source, lambda entries: None)
    assert read_bundle(source.bundle), "the control: forged without a change"
    forge(source, change)
    with pytest.raises(Invalid, match=rule):
        read_bundle(source.bundle)


def test_a_bundle_is_held_against_kept_heads(source: Source, tmp_path: Path):
    done("head", source.session_id, "-o", tmp_path / "kept", "--data", source.directory)
    assert read_bundle(source.bundle, [tmp_path / "kept"])
    forge(source, change_one(2, actor="mallory"))
    with pytest.raises(Invalid, match="another history"):
        read_bundle(source.bundle, [tmp_path / "kept"])
