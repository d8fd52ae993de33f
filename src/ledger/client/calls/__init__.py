"""The writes of the contract as typed calls, the same for programs that wait and for those that await.

A call answers with what the fact is called from now on: an Id where one is known already, else a reference that later calls of the
same writer may give wherever an Id is asked for. Times are milliseconds since the epoch by the device's clock; without one, now.
"""

from ledger.client.calls.pipelines import Pipelines
from ledger.client.calls.shoots import Shoots
from ledger.client.calls.stating import Told

__all__ = ["Calls", "Told"]


class Calls(Shoots[Told], Pipelines[Told]):
    """One method for each write. They raise Invalid at once for a wrong argument, naming the field and the rule."""
