"""One line for an entry."""

from typing import Any

from ledger.cli.lines import History, line, what_of


def entry(stored_as: str, **body: Any) -> dict[str, Any]:
    return {"sequence": 7, "type": stored_as, "actor": "multicam", "body": body}


def test_a_cut_says_when_who_and_why():
    shown = line(
        entry("director-event-recorded.1", timestampMs=1_000, eventType="cut", cameraId="hero", reason="[red]x")
    ).plain
    assert shown.split() == ["7", "00:00:01.000", "multicam", "cut", "hero", "[red]x"]


def test_a_corrected_entry_says_so():
    corrected = entry("director-event-recorded.1", timestampMs=1_000, eventType="cut") | {"correctedBy": "s-e9"}
    assert line(corrected).plain.endswith("  (corrected)")


def test_what_has_no_type_of_its_own_goes_by_its_stored_name():
    assert what_of(entry("still-favourited.1")) == "still favourited"
    assert what_of(entry("director-event-recorded.1", eventType="hero_pose_marker")) == "hero pose marker"


class _Pages:
    """A history that grows between two looks."""

    def __init__(self) -> None:
        self.answers = [(["a", "b"], False, "1"), (["c"], True, "2"), ([], True, ""), (["d"], True, "3")]
        self.cursors: list[str | None] = []

    def ask(self, function: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.cursors.append(arguments["cursor"])
        page, is_done, cursor = self.answers.pop(0)
        return {"page": page, "isDone": is_done, "continueCursor": cursor}


def test_a_history_goes_on_where_it_was():
    pages = _Pages()
    history = History(pages, "s")  # type: ignore[arg-type]  # only asked
    looks: list[list[Any]] = [list(history.news()) for _ in range(3)]
    assert looks == [["a", "b", "c"], [], ["d"]]
    assert pages.cursors == [None, "1", "2", "2"]
