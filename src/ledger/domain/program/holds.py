"""Holds: a director's promise to stay on a camera. A range beside the program, never an edit of it."""

from dataclasses import dataclass
from typing import Literal

from ledger.domain.cutlog import Hold
from ledger.domain.program.audit import Audit

Outcome = Literal["released", "broken", "voided"]


@dataclass(slots=True, eq=False)
class HeldRange:
    sequence: int
    hold_id: str
    camera_id: str | None
    in_ms: int
    held_by: str
    outcome: Outcome | None = None
    """None while the hold is open."""
    out_ms: int = 0
    ended_by: int = 0
    """Sequence of the fact that ended it."""
    earlier: "HeldRange | None" = None
    """The one before it of the same Id: writers do reuse theirs."""


class Holds:
    """The holds of a program, found by Id, by camera or as the latest, without a search through all that are open."""

    def __init__(self) -> None:
        self.all: list[HeldRange] = []
        """In the order in which they were opened."""
        # What has ended is taken off these only when it comes up.
        self._latest: list[HeldRange] = []
        self._by_camera: dict[str | None, list[HeldRange]] = {}
        self._by_id: dict[str, HeldRange] = {}

    def open(self, hold: HeldRange) -> None:
        self.all.append(hold)
        self._index(hold)

    def release(self, hold_id: str | None, camera_id: str | None, ms: int, sequence: int) -> bool:
        """Ends one open hold: by Id, else the camera's latest, else the latest. False where none is open."""
        hold: HeldRange | None
        if hold_id is not None:
            hold = self._by_id.get(hold_id)
            while hold is not None and hold.outcome is not None:
                hold = hold.earlier
        else:
            stack = self._latest if camera_id is None else self._by_camera.get(camera_id, [])
            while stack and stack[-1].outcome is not None:
                stack.pop()
            hold = stack[-1] if stack else None
        if hold is None:
            return False
        hold.outcome, hold.out_ms, hold.ended_by = "released", ms, sequence
        return True

    def end_all_on(self, camera_id: str | None, outcome: Outcome, ms: int, sequence: int) -> list[HeldRange]:
        """Breaks or voids every open hold on a camera, and says which."""
        ended = [hold for hold in self._by_camera.pop(camera_id, []) if hold.outcome is None]
        for hold in ended:
            hold.outcome, hold.out_ms, hold.ended_by = outcome, ms, sequence
        return ended

    def mend(self, broken: list[HeldRange]) -> None:
        """Opens holds again, because the cut that broke them was superseded in its own millisecond."""
        if not broken:
            return
        for hold in broken:
            hold.outcome = None
        self._latest, self._by_camera, self._by_id = [], {}, {}
        for hold in self.all:
            if hold.outcome is None:
                self._index(hold)

    def close(self, closing_ms: int, audit: Audit) -> tuple[Hold, ...]:
        """All holds, in their order. What is still open is so at the end."""
        return tuple(_closed(hold, closing_ms, audit) for hold in self.all)

    def _index(self, hold: HeldRange) -> None:
        self._latest.append(hold)
        self._by_camera.setdefault(hold.camera_id, []).append(hold)
        hold.earlier = self._by_id.get(hold.hold_id)
        self._by_id[hold.hold_id] = hold


def _closed(hold: HeldRange, closing_ms: int, audit: Audit) -> Hold:
    out_ms = closing_ms if hold.outcome is None else hold.out_ms
    what = f"hold {hold.hold_id} on {hold.camera_id or 'no camera'}, from {hold.in_ms},"
    if hold.outcome == "broken":
        audit.add("hold_broken", out_ms, hold.ended_by, f"{what} was broken by a cut away")
    elif hold.outcome == "voided":
        audit.add("hold_voided", out_ms, hold.ended_by, f"{what} was voided: the camera went inactive")
    elif hold.outcome is None:
        audit.add("hold_open_at_end", hold.in_ms, hold.sequence, f"{what} was never released")
    return Hold(
        hold_id=hold.hold_id,
        camera_id=hold.camera_id,
        in_ms=hold.in_ms,
        out_ms=out_ms,
        status=hold.outcome or "open_at_end",
        held_by=hold.held_by or None,
    )
