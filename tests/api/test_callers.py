from typing import Any

import pytest

from ledger.api.callers import asker_of, caller_of, origin_of
from ledger.domain.refusals import Invalid


def scope(scheme: str = "http", **headers: str) -> dict[str, Any]:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"scheme": scheme, "headers": sent}


def test_the_origin_is_the_one_that_the_caller_used():
    assert origin_of(scope(host="127.0.0.1:8000")) == "http://127.0.0.1:8000"
    assert origin_of(scope("https", host="ledger.example")) == "https://ledger.example"


def test_a_caller_says_who_it_is_and_under_which_key():
    caller = caller_of(scope(host="localhost", ledger_actor="pose", idempotency_key="k"))
    assert (caller.actor, caller.key, caller.access, caller.origin) == ("pose", "k", None, "http://localhost")


def test_a_question_is_nobodys():
    asker = asker_of(scope(host="localhost", ledger_actor="pose", idempotency_key="k"))
    assert (asker.actor, asker.key) == ("anonymous", None)


@pytest.mark.parametrize("name", ["ledger_actor", "idempotency_key"])
@pytest.mark.parametrize("value", ["", "a\x00b", "x" * 256])
def test_what_nobody_is_called_is_refused(name: str, value: str):
    with pytest.raises(Invalid):
        caller_of(scope(**{name: value}))
