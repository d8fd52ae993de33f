"""Whatever is sent, the answer is one that the published document knows: its status, type and shape, and never a fault of ours.

Schemathesis makes the requests out of the document itself, right ones and wrong ones.
"""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from ledger.api.contract import method_of
from ledger.application.functions import Function, Query
from tests.api.locked import ROUTED, Locked
from tests.serving import Serving

RULES_NO_SCHEMA_CAN_SAY: Final = {
    *("Ledger-At-Least", "cursor"),  # handed out by the ledger, not made up
    *("startTimecode", "rate", "windowEndMs", "atMs", "changes", "unset"),  # hang together with another field
    *("fromSequence", "fromMs", "toSequence", "toMs"),  # likewise
    *("atSequence", "name"),  # not past the head; nothing but what can be seen
    *("atPosition", "fromPosition", "toPosition"),  # not past it, either
    "shard",  # of those that there are
    *("sessionType", "directorMode", "musicMode", "eventType"),  # the known values are a setting
    *("entityId", "type"),  # of this session, of this version
    "last",  # not before the first
}
"""The fields that may break a rule in a request that fits its schema."""
UNSAID: Final = [positive_data_acceptance, ignored_auth]
"""What the document does not promise: that there are no such rules; and whether keys are needed, which a server's owner decides."""
REJECTED: Final = [400, 401, 403, 404, 409, 413, 422]
"""How a request that breaks the document is answered; also as too long an address, which a broken one may come to."""
ASKED_SOON: Final = ("captures:create", "production:getCutLog", "jobs:list")
"""To make requests out of a schema takes longer than to answer them: seconds where it is a large one."""
Ask = Callable[[Function, int], None]


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    """A server of these tests' own: among what is asked of it are keys, for whoever will ever come in."""
    server = Serving(tmp_path_factory.mktemp("published"))
    yield Locked(server)
    server.leave()


@pytest.fixture(scope="module")
def published(locked: Locked) -> Any:
    config = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REJECTED}}})
    return schemathesis.openapi.from_url(f"{locked.server.url}/openapi.json", config=config, headers=locked.admin)


@pytest.fixture(scope="module")
def known(locked: Locked) -> dict[str, str]:
    """Ids of things that are there, by the argument that takes them."""
    session_id = locked.record("session/start", sessionType="music_demo", status="rolling", timestampMs=0)
    about = {"sessionId": session_id}
    camera = {"cameraId": "a", "sourceType": "iphone", "role": "hero", "priorityWeight": 1, "isActive": True}
    locked.record("camera/upsert", **about, **camera)
    event_id = locked.record("event", **about, timestampMs=1, eventType="cut", cameraId="a")
    still_id = locked.record("still-candidate", **about, cameraId="a", timestampMs=1, score=1)
    named = {"cameraId": "a", "eventId": event_id, "stillCandidateId": still_id, "sourceEventId": event_id}
    return {**about, **named, "eventType": "cut", "sessionType": "music_demo", "directorMode": "pose"}


@pytest.fixture
def ask(locked: Locked, published: Any, known: dict[str, str]) -> Ask:
    """Sends so many requests made out of the document, half of them about things that are there."""

    def ask(function: Function, examples: int) -> None:
        operation = published[function.path][method_of(function)]
        bounded = settings(max_examples=examples, suppress_health_check=list(HealthCheck), derandomize=examples < 10)
        with requests.Session() as connection:
            connection.headers.update(locked.admin)

            @bounded
            @given(operation.as_strategy(GenerationMode.POSITIVE), st.booleans())
            def send_right(case: Case[Any], about_known: bool) -> None:
                carrier = case.query if isinstance(function, Query) else case.body
                if about_known and isinstance(carrier, dict):
                    carrier.update({name: known[name] for name in carrier.keys() & known.keys()})
                answer = case.call(session=connection)
                case.validate_response(answer, excluded_checks=UNSAID)
                if answer.status_code == 422:
                    field = answer.json()["error"]["detail"]["field"].rpartition(".")[2]
                    assert field in RULES_NO_SCHEMA_CAN_SAY, answer.text

            @bounded
            @given(operation.as_strategy(GenerationMode.NEGATIVE))
            def send_wrong(case: Case[Any]) -> None:
                assume(not _says_nothing(case.body))
                case.call_and_validate(session=connection, excluded_checks=UNSAID)

            send_right()
            send_wrong()

    return ask


def _says_nothing(body: object) -> bool:
    """Whether there is a null in it: that counts as not given, whatever its name, and may have been all that was wrong."""
    return isinstance(body, dict) and None in body.values()


def each(functions: Iterable[Function]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("function", functions, ids=lambda function: function.name)


def test_an_answer_is_a_published_one(ask: Ask):
    for function in ROUTED:
        if function.name in ASKED_SOON:
            ask(function, 4)


@pytest.mark.long
@pytest.mark.timeout(600)
@each(ROUTED)
def test_every_answer_of_every_function_is_a_published_one(ask: Ask, function: Function):
    ask(function, 100)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_boundary_of_every_argument_is_answered_as_published(locked: Locked):
    """Each rule of the document in turn, kept and broken by the least; the health routes too."""
    told = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{locked.server.url}/openapi.json", "--no-color"),
            *("--header", f"Authorization: {locked.admin['Authorization']}"),
            *("--phases", "coverage", "--checks", "all", "--exclude-checks", "positive_data_acceptance,ignored_auth"),
        ],
        check=False,
        cwd=locked.server.directory,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Coverage" in told.stdout
