"""The stand-alone verifier, run as a stranger runs it: isolated, without any package, on files alone."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from ledger.bootstrap import open_for_writing
from ledger.domain.vocabulary import Vocabulary
from ledger.exports import verify_bundle
from tests.application.asking import Asking
from tests.cli.terminal import done

Lines = list[dict[str, Any]]


class Kept:
    """What somebody was given of a ledger: a bundle of a session among others, a receipt, and heads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with open_for_writing(folder / "ledger", Vocabulary()) as ledger:
            ask = Asking(ledger)
            self.session_id, other = ask.start(title="one \u2028 line"), ask.start()
            for at in range(7):
                ask.cut(self.session_id, at, reason="é\u0085")
                ask.cut(other, at)
            self.early = ask.read("getSessionHead", sessionId=self.session_id, atSequence=3)
        self.bundle, self.receipt = folder / "bundle", folder / "receipt"
        self.head, self.session_head = folder / "head", folder / "session-head"
        place = ("--data", folder / "ledger")
        done("head", "-o", self.head, *place)
        done("head", self.session_id, "-o", self.session_head, *place)
        done("bundle", self.session_id, "-o", self.bundle, *place)
        done("proof", f"{self.session_id}-e4", "-o", self.receipt, *place)

    @property
    def lines(self) -> Lines:
        return [json.loads(line) for line in self.bundle.read_text("utf-8").rstrip("\n").split("\n")]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("kept"))


def written(path: Path, lines: Lines) -> Path:
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return path


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Isolated from the environment (-I) and from site packages (-S): nothing of ours can be imported."""
    command = [sys.executable, "-I", "-S", verify_bundle.__file__, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("place", ["where it is", "beside what is not Python's"])
def test_it_runs_as_it_says_whatever_lies_beside_it(kept: Kept, tmp_path: Path, place: str):
    verifier = Path(verify_bundle.__file__)
    if place != "where it is":
        verifier = Path(copyfile(verifier, tmp_path / verifier.name))
        (tmp_path / "hashlib.py").write_text("raise SystemExit('this is not the library')")
    command = [sys.executable, str(verifier), str(kept.bundle), "--head", str(kept.head)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


def test_a_stranger_verifies_a_bundle_with_nothing_but_python(kept: Kept):
    said = run(kept.bundle)
    assert (said.returncode, said.stderr) == (0, "")
    assert f"session {kept.session_id}: 8 entries" in said.stdout
    assert "No kept head was given" in said.stdout
    said = run(kept.bundle, "--head", kept.head, "--head", kept.session_head, "--head", kept.receipt)
    assert said.returncode == 0, said.stderr
    assert "shard 0 at 16 is as it was kept" in said.stdout
    said = run(kept.receipt, "--head", kept.head)
    assert said.returncode == 0, said.stderr
    assert "sequence 4 is in both trees" in said.stdout


def test_what_was_forged_is_named(kept: Kept, tmp_path: Path):
    lines = kept.lines
    lines[3]["actor"] = "mallory"
    said = run(written(tmp_path / "forged", lines))
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == "WRONG: sequence 3: the leaf is not that of the entry\n"
    assert run(tmp_path / "none").returncode == 1


def refused(file: Path, *heads: Path) -> str:
    with pytest.raises(verify_bundle.Wrong) as wrong:
        verify_bundle.verify(file, heads)
    return str(wrong.value)


def other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    return ("1" if value[0] == "0" else "0") + value[1:]


def changes(lines: Lines) -> Iterator[tuple[str, Callable[[Lines], object]]]:
    """Everything that a bundle says, changed, one thing at a time, and whole lines."""
    # What nothing vouches for: the epoch; and the entity, which follows from the body and is compared at an import.
    for number, line in enumerate(lines):
        for name, value in line.items():
            for field in value if isinstance(value, dict) else [None]:
                if field == "epoch" or name in ("entity", "gaps"):
                    continue

                def change(lines: Lines, number: int = number, name: str = name, field: Any = field) -> None:
                    if field is None:
                        lines[number][name] = other(lines[number][name])
                    else:
                        lines[number][name][field] = other(lines[number][name][field])

                yield f"{number}.{name}.{field}", change
    for at in range(len(lines[0]["gaps"])):
        yield f"gap {at}", lambda lines, at=at: lines[0]["gaps"].__setitem__(at, other(lines[0]["gaps"][at]))  # type: ignore[misc]
    yield "a gap less", lambda lines: lines[0]["gaps"].pop()
    yield "a gap more", lambda lines: lines[0]["gaps"].append("00" * 32)
    yield "a key", lambda lines: lines[2].update(key="k")
    for at in range(1, len(lines)):
        yield f"without {at}", lambda lines, at=at: lines.pop(at)  # type: ignore[misc]
        yield f"doubled {at}", lambda lines, at=at: lines.insert(at, lines[at])  # type: ignore[misc]
    yield "swapped", lambda lines: lines.insert(2, lines.pop(4))
    yield "empty", lambda lines: lines.clear()


def test_whatever_is_changed_in_a_bundle_is_refused(kept: Kept, tmp_path: Path):
    count = 0
    for name, change in changes(kept.lines):
        lines = kept.lines
        change(lines)
        assert lines != kept.lines, name
        assert refused(written(tmp_path / "forged", lines)), name
        count += 1
    assert count > 100


VOUCHED_FOR = ("sessionId", "sequence", "position", "type", "recordedAt", "actor", "key", "salt", "body", "leaf")


def proved(receipt: Path) -> list[Any]:
    """All that a receipt proves against the heads that its owner has kept."""
    told = json.loads(receipt.read_bytes())
    return [{name: told["entry"].get(name) for name in VOUCHED_FOR}, told["session"], told["shard"]]


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.long)])
def test_any_byte_of_a_receipt(kept: Kept, tmp_path: Path, step: int):
    true, forged = kept.receipt.read_bytes(), tmp_path / "forged"
    refusals = 0
    places = range(0, len(true), step)
    for at in places:
        forged.write_bytes(true[:at] + bytes([true[at] ^ 1]) + true[at + 1 :])
        try:
            verify_bundle.verify(forged, [kept.session_head, kept.head])
        except verify_bundle.Wrong:
            refusals += 1
        else:
            assert proved(forged) == proved(kept.receipt), f"byte {at}"
    assert refusals > len(places) * 0.8


def test_a_kept_head_of_another_history_is_told(kept: Kept, tmp_path: Path):
    early = written(tmp_path / "early", [kept.early])
    assert any("at 3 is as it was kept" in line for line in verify_bundle.verify(kept.bundle, [early]))
    forged = written(tmp_path / "forged", [{**kept.early, "root": "00" * 32}])
    assert "another history" in refused(kept.bundle, forged)
    ledger_head = json.loads(kept.head.read_text())
    ledger_head["shards"][0]["root"] = "00" * 32
    assert "another history" in refused(kept.bundle, written(tmp_path / "ledger-head", [ledger_head]))
    ledger_head["shards"][0]["position"] = 15
    assert "speaks of nothing" in refused(kept.bundle, written(tmp_path / "ledger-head", [ledger_head]))


def test_a_made_up_history_agrees_with_itself_and_with_no_kept_head(kept: Kept, tmp_path: Path):
    """Whoever computes everything anew makes a sound file; only what was kept tells."""
    place = ("--data", tmp_path / "made-up")
    with open_for_writing(tmp_path / "made-up", Vocabulary()) as ledger:
        session_id = Asking(ledger).start()
    done("bundle", session_id, "-o", tmp_path / "made-up.bundle", *place)
    assert verify_bundle.verify(tmp_path / "made-up.bundle")
    assert refused(tmp_path / "made-up.bundle", kept.head)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"format": "ledger-session-bundle.2"}', '{"format": 1}', "\x00"]
)
def test_what_is_no_bundle(tmp_path: Path, text: str):
    (tmp_path / "file").write_text(text)
    assert refused(tmp_path / "file")
