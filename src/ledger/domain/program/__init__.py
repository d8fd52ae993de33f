"""The program: what was on air, folded from a session's facts.

A recorded cut always changes the program; whatever is odd is audited, and nothing is silently dropped. The rules stand
in ``docs/reference/cut-log.md``; here they are carried out, in three steps: ``chronology`` puts every fact on the
program's clock, ``replay`` goes through them once, in order, and ``frames`` counts the outcome in an editor's frames.
"""

from ledger.domain.program.compare import compare
from ledger.domain.program.explain import explain
from ledger.domain.program.frames import TIME_OF_DAY, shots, with_frames
from ledger.domain.program.replay import fold

__all__ = ["TIME_OF_DAY", "compare", "explain", "fold", "shots", "with_frames"]
