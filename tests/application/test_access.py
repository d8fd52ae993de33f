from dataclasses import replace
from typing import get_args

import pytest

from ledger.application.access import require_place, require_scope
from ledger.application.catalogue import BY_NAME, FUNCTIONS
from ledger.application.functions import Caller, Function, Query
from ledger.domain.ids import partition_for
from ledger.domain.keys import KEYS_PARTITION, AccessKey, Scope
from ledger.domain.refusals import ScopeMissing, SessionNotFound, SessionNotYours

READ = BY_NAME["production:getProductionSession"]
ADD = BY_NAME["ledger:addKey"]


def holding(*scopes: str, session_id: str | None = None) -> Caller:
    key = AccessKey(name="pose", sha256="0" * 64, scopes=scopes, session_id=session_id, created_at=0, created_by="ann")
    return Caller("pose", access=key)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_every_function_says_which_scope_it_needs(function: Function):
    """Whoever adds a function decides who may have it carried out: what records is never for those who only read."""
    assert function.scope in get_args(Scope)
    if isinstance(function, Query):
        assert function.scope in ("read", "admin")
    else:
        assert function.scope == "admin" or function.scope.startswith("write")


def test_who_is_let_in_without_a_key_may_do_everything():
    for function in FUNCTIONS:
        require_scope(function, Caller())
    require_place(READ, Caller(), "s1")
    require_place(READ, Caller(), None)


def test_a_key_without_the_scope_is_told_which_one_it_lacks():
    with pytest.raises(ScopeMissing, match="'pose' lacks the scope admin"):
        require_scope(ADD, holding("read", "write"))
    require_scope(ADD, holding("admin"))


def test_a_bound_key_reaches_its_own_session_only():
    require_place(READ, holding("read", session_id="s1"), "s1")
    for elsewhere in ("s2", None):
        with pytest.raises(SessionNotYours, match="bound to the session s1"):
            require_place(READ, holding("read", session_id="s1"), elsewhere)


def test_what_belongs_to_no_session_is_none_to_what_is_about_sessions():
    capture = partition_for("capture", "face-1")
    with pytest.raises(SessionNotFound):
        require_place(READ, Caller(), capture)
    with pytest.raises(SessionNotYours):
        require_place(replace(READ, about="capture"), holding("read", session_id="s1"), capture)
    require_place(replace(READ, about="capture"), holding("read"), capture)


def test_where_the_keys_are_kept_is_no_session_to_anybody():
    for caller in (Caller(), holding("admin"), holding("read")):
        with pytest.raises(SessionNotFound):
            require_place(READ, caller, KEYS_PARTITION)
    require_place(ADD, holding("admin"), KEYS_PARTITION)
