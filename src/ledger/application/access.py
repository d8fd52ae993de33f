"""Who may have what carried out: one check for every function and every door.

A caller without a key is let in by its door, which has made sure of it in another way, and may do everything.
"""

from ledger.application.functions import Caller, Function
from ledger.domain.ids import partition_kind
from ledger.domain.keys import KEYS_PARTITION, AccessKey
from ledger.domain.refusals import ScopeMissing, SessionNotFound, SessionNotYours


def require_scope(function: Function, caller: Caller) -> None:
    """Raises ScopeMissing where the caller's key is not for this function."""
    held = caller.access
    if held is not None and not held.allows(function.scope):
        raise ScopeMissing(held.name, function.scope)


def require_place(function: Function, caller: Caller, partition: str | None) -> None:
    """``partition`` is what the function concerns, None where that is more than one session, or a new one.

    Raises SessionNotYours where the caller's key is bound to another, or SessionNotFound for what is no session: the keys, or a
    capture, a video … of which a function about sessions knows nothing. A key that is bound to a session reaches none of those,
    but for what every writer may do.
    """
    if partition is not None and function.about == "session":
        is_hidden = partition == KEYS_PARTITION and function.scope != "admin"
        if is_hidden or partition_kind(partition) != "session":
            raise SessionNotFound(partition)
    held = caller.access
    if held is not None and held.session_id not in (None, partition) and function.scope != "write":
        assert held.session_id is not None
        raise SessionNotYours(held.name, held.session_id)


def require_reader(held: AccessKey | None) -> None:
    """Let pass whoever may read what belongs to no one session. Raises ScopeMissing or SessionNotYours."""
    if held is not None and not held.allows("read"):
        raise ScopeMissing(held.name, "read")
    if held is not None and held.session_id is not None:
        raise SessionNotYours(held.name, held.session_id)
