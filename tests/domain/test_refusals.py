from collections.abc import Iterator
from typing import Any, get_args

import pytest

from ledger.domain.captures import CaptureCannotMove, CaptureNotFound
from ledger.domain.refusals import (
    ActorNotYours,
    AnswerTooLarge,
    CameraNotFound,
    Code,
    DirectorEventNotFound,
    EntryNotFound,
    EventTooLarge,
    FileLost,
    FileNotFound,
    FilesNotKept,
    FileTooLarge,
    FunctionNotFound,
    Invalid,
    KeyNameTaken,
    KeyNotFound,
    KeyReused,
    KeyUsedBefore,
    Refusal,
    ScopeMissing,
    SessionDiffers,
    SessionExists,
    SessionNotEnded,
    SessionNotFound,
    SessionNotYours,
    StatusCannotMove,
    StillNotFound,
    TokenUnknown,
    Unauthorized,
    UnknownValue,
    UploadExpired,
    UploadUsed,
    UrlRefused,
)


def _kind_of(value: Any) -> str | None:
    return type(value).__name__ if isinstance(value, Refusal) else None


def _kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for under in kind.__subclasses__():
        yield under
        yield from _kinds(under)


KINDS: list[type[Refusal]] = sorted(_kinds(Refusal), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_every_refusal_has_a_code_of_the_contract(kind: type[Refusal]):
    assert kind.code in get_args(Code)


OF_A_FIELD = {
    Invalid("limit", "must be less"): ("limit", "must be less"),
    UnknownValue("eventType", "jump", frozenset({"cut"})): ("eventType", "'jump'"),
    SessionNotFound("s9"): ("sessionId", "'s9'"),
    CameraNotFound("cam-9"): ("cameraId", "'cam-9'"),
    StillNotFound("s1-k9"): ("stillCandidateId", "'s1-k9'"),
    DirectorEventNotFound("s1-e9", "sourceEventId"): ("sourceEventId", "'s1-e9'"),
    EntryNotFound("s1-e9"): ("eventId", "'s1-e9'"),
    SessionExists("s1"): ("Idempotency-Key", "'s1'"),
    SessionDiffers("s1", 7): ("sessionId", "'s1', whose history is another from sequence 7 on"),
    StatusCannotMove("ended", "live"): ("status", "ended cannot become live"),
    KeyReused("take-1"): ("Idempotency-Key", "'take-1'"),
    EventTooLarge("metadata", 12, 10, None): ("metadata", "12 characters long, of 10"),
    EventTooLarge("metadata", 12, 10, 3): ("events[3].metadata", "12 characters long, of 10"),
    KeyNotFound("gate"): ("name", "'gate'"),
    KeyNameTaken("gate"): ("name", "'gate'"),
    KeyUsedBefore("gate"): ("sha256", "'gate'"),
    Unauthorized("the key was revoked"): ("Authorization", "the key was revoked"),
    CaptureNotFound("c9"): ("id", "'c9'"),
    CaptureCannotMove("identified", "pending"): ("status", "identified cannot become pending"),
    FunctionNotFound("a:b"): ("path", "'a:b'"),
    ActorNotYours("gate"): ("Ledger-Actor", "'gate'"),
    TokenUnknown(): ("token", "ask for an upload URL"),
    UploadExpired(60): ("token", "60 minutes"),
    UploadUsed(): ("token", "is under way"),
    UploadUsed("f1", "ab", 5): ("token", "'f1'"),
    FileNotFound("f9"): ("storageId", "'f9'"),
    FileNotFound("f9", "fileId"): ("fileId", "'f9'"),
    FileLost("f9"): ("storageId", "'f9'"),
    UrlRefused("the URL has expired"): ("signature", "the URL has expired"),
}


@pytest.mark.parametrize(
    ("refusal", "field", "told"), [(refusal, *says) for refusal, says in OF_A_FIELD.items()], ids=_kind_of
)
def test_a_refusal_names_the_field_first_and_then_what_is_wrong_with_it(refusal: Refusal, field: str, told: str):
    assert refusal.message.startswith(f"{field}: ")
    assert told in refusal.message
    assert refusal.detail["field"] == field
    assert str(refusal) == refusal.message


@pytest.mark.parametrize(
    ("refusal", "told", "detail"),
    [
        (SessionNotEnded("live"), "this one is live", {"status": "live"}),
        (StatusCannotMove("ended", "live"), "", {"field": "status", "status": "ended"}),
        (SessionDiffers("s1", 7), "", {"field": "sessionId", "sequence": 7}),
        (EventTooLarge("metadata", 12, 10, None), "", {"field": "metadata", "lengthMax": 10}),
        (AnswerTooLarge(10), "longer than 10 characters", {"lengthMax": 10}),
        (ScopeMissing("gate", "read"), "the key 'gate' lacks the scope read", {"scope": "read"}),
        (FileTooLarge(10), "10 bytes", {"bytesMax": 10}),
        (FilesNotKept(), "LEDGER_FILES", {}),
        (UploadUsed("f1", "ab", 5), "", {"field": "token", "storageId": "f1", "sha256": "ab", "size": 5}),
        (SessionNotYours("gate", "s1"), "the key 'gate' is bound to the session s1", {"sessionId": "s1"}),
    ],
    ids=_kind_of,
)
def test_what_a_program_needs_of_a_refusal_is_in_its_detail(refusal: Refusal, told: str, detail: dict[str, Any]):
    assert told in refusal.message
    assert refusal.detail == detail


def test_an_unknown_value_is_told_the_known_ones_in_order():
    assert "'jump' is not known; known are cut, hold" in UnknownValue("t", "jump", frozenset({"hold", "cut"})).message
