"""Whatever is sent, the answer is one that the published document knows: its status, type and shape, and never a fault of ours.

Schemathesis makes the requests out of the document itself, right ones and wrong ones.
"""

import subprocess
import sys
from collections.abc import Iterable
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from ledger.application.catalogue import FUNCTIONS
from ledger.application.functions import Function, Mutation
from tests.serving import Serving

RULES_NO_SCHEMA_CAN_SAY: Final = {
    *("Ledger-At-Least", "cursor"),  # handed out by the ledger, not made up
    *("startTimecode", "rate", "windowEndMs", "atMs", "changes", "unset"),  # hang together with another field
    "atSequence",  # not past the head
    *("sessionType", "directorMode", "musicMode", "eventType"),  # the known values are a setting
    *("entityId", "type"),  # of this session, of this version
}
"""The fields that may break a rule in a request that fits its schema."""


@pytest.fixture(scope="module")
def published(serving: Serving) -> Any:
    return schemathesis.openapi.from_url(f"{serving.url}/openapi.json")


@pytest.fixture(scope="module")
def known(serving: Serving) -> dict[str, str]:
    """Ids of things that are there, by the argument that takes them."""
    session_id = serving.session(status="rolling", timestampMs=0)
    about = {"sessionId": session_id}
    camera = {"cameraId": "a", "sourceType": "iphone", "role": "hero", "priorityWeight": 1, "isActive": True}
    serving.record("camera/upsert", **about, **camera)
    event_id = serving.record("event", **about, timestampMs=1, eventType="cut", cameraId="a")
    still_id = serving.record("still-candidate", **about, cameraId="a", timestampMs=1, score=1)
    named = {"cameraId": "a", "eventId": event_id, "stillCandidateId": still_id, "sourceEventId": event_id}
    return {**about, **named, "eventType": "cut", "sessionType": "music_demo", "directorMode": "pose"}


def ask(published: Any, known: dict[str, str], function: Function, examples: int) -> None:
    """Send requests made out of the document, half of them about things that are there."""
    operation = published[function.path]["POST" if isinstance(function, Mutation) else "GET"]
    with requests.Session() as connection:

        @settings(max_examples=examples, suppress_health_check=list(HealthCheck), derandomize=examples < 10)
        @given(operation.as_strategy(GenerationMode.POSITIVE), st.booleans())
        def send_right(case: Case[Any], about_known: bool) -> None:
            carrier = case.body if isinstance(function, Mutation) else case.query
            if about_known and isinstance(carrier, dict):
                carrier.update({name: known[name] for name in carrier.keys() & known.keys()})
            answer = case.call(session=connection)
            case.validate_response(answer, excluded_checks=[positive_data_acceptance])
            if answer.status_code == 422:
                field = answer.json()["error"]["detail"]["field"].rpartition(".")[2]
                assert field in RULES_NO_SCHEMA_CAN_SAY, answer.text

        @settings(max_examples=examples, suppress_health_check=list(HealthCheck), derandomize=examples < 10)
        @given(operation.as_strategy(GenerationMode.NEGATIVE))
        def send_wrong(case: Case[Any]) -> None:
            case.call_and_validate(session=connection)

        send_right()
        send_wrong()


def each(functions: Iterable[Function]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("function", functions, ids=lambda function: function.name)


@each(FUNCTIONS[::3])  # to make requests out of a schema takes longer than to answer them
def test_an_answer_is_a_published_one(published: Any, known: dict[str, str], function: Function):
    ask(published, known, function, examples=4)


@pytest.mark.long
@pytest.mark.timeout(600)
@each(FUNCTIONS)
def test_every_answer_of_every_function_is_a_published_one(published: Any, known: dict[str, str], function: Function):
    ask(published, known, function, examples=100)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_boundary_of_every_argument_is_answered_as_published(serving: Serving):
    """Each rule of the document in turn, kept and broken by the least; the health routes too."""
    told = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{serving.url}/openapi.json", "--no-color"),
            *("--phases", "coverage", "--checks", "all", "--exclude-checks", "positive_data_acceptance"),
        ],
        check=False,
        cwd=serving.directory,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Coverage" in told.stdout
