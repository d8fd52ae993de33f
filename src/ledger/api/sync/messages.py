"""The messages of the client protocol: what clients send, made into typed requests, and what they are told, made into text."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec

from ledger.api.functions.answers import log_lines
from ledger.api.functions.calls import Call
from ledger.api.functions.values import with_names_allowed
from ledger.api.problems import problem_of
from ledger.application.functions import on_origin
from ledger.application.live.registry import LiveAnswer
from ledger.application.live.timestamps import encoded_timestamp

SESSION_LENGTH_MAX: Final = 100
VERSION_MAX: Final = 2**53
VERSIONS_KEPT: Final = 256
PING: Final = '{"type":"Ping"}'

_Count = Annotated[int, msgspec.Meta(ge=0, le=VERSION_MAX)]


class _Message(msgspec.Struct, tag_field="type", rename="camel"):
    """What a client sends. Fields that nobody needs are let pass: clients get new ones from version to version."""


class Connect(_Message, tag="Connect"):
    session_id: Annotated[str, msgspec.Meta(min_length=1, max_length=SESSION_LENGTH_MAX, pattern=r"^[!-~]+$")]
    client_ts: float = 0
    max_observed_timestamp: str | None = None


class Add(msgspec.Struct, tag_field="type", tag="Add", rename="camel"):
    query_id: _Count
    udf_path: str
    args: Any
    journal: str | None = None
    component_path: str | None = None

    @property
    def call(self) -> Call:
        return _call(self)


def _call(said: "Add | _Call") -> Call:
    """The call of a function that a message asks for."""
    return Call(said.udf_path, said.args, component_path=said.component_path, may_be_wrapped=True)


class Remove(msgspec.Struct, tag_field="type", tag="Remove", rename="camel"):
    query_id: _Count


class ModifyQuerySet(_Message, tag="ModifyQuerySet"):
    base_version: _Count
    new_version: _Count
    modifications: list[Add | Remove]


class _Call(_Message):
    request_id: _Count
    udf_path: str
    args: Any
    component_path: str | None = None

    @property
    def call(self) -> Call:
        return _call(self)


class CallMutation(_Call, tag="Mutation"):
    pass


class CallAction(_Call, tag="Action"):
    pass


class Authenticate(_Message, tag="Authenticate"):
    base_version: _Count
    token_type: Literal["User", "Admin", "None"]
    value: str | None = None


class Told(_Message, tag="Event"):
    """What a client tells of itself; nobody asks."""


Message = Connect | ModifyQuerySet | CallMutation | CallAction | Authenticate | Told
_decoder: Final[msgspec.json.Decoder[Message]] = msgspec.json.Decoder(Message)


class MessageError(Exception):
    """What a client sent is no message of the protocol: no client of it would have."""


def parse(text: str) -> Message:
    """Raises MessageError."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise MessageError(f"this is no message of the client protocol: {error}") from None


class Version(NamedTuple):
    """What a client has been shown: its queries, who it is, and when."""

    query_set: int = 0
    identity: int = 0
    timestamp: int = 0

    @lru_cache(VERSIONS_KEPT)  # noqa: B019  # what is kept are three numbers and a short text
    def to_json(self) -> str:
        """Kept for a while: a thousand clients move from one version to the same other."""
        return f'{{"querySet":{self.query_set},"identity":{self.identity},"ts":"{encoded_timestamp(self.timestamp)}"}}'


def updated(query_id: int, answer: LiveAnswer, origin: str) -> str:
    """A modification that shows a query's new answer, or its failure."""
    if answer.told is None:
        answer.told = _told(answer)
    return f'{{"queryId":{query_id},{on_origin(answer.told, origin)}'


def _told(answer: LiveAnswer) -> str:
    journal = json.dumps(answer.journal)
    lines = log_lines(answer.lack)
    if answer.failure is None:
        value = with_names_allowed(answer.json)
        return f'"type":"QueryUpdated","value":{value},"logLines":{lines},"journal":{journal}}}'
    message, detail = failure(answer.failure)
    return (
        f'"type":"QueryFailed","errorMessage":{message},"logLines":{lines},"journal":{journal},"errorData":{detail}}}'
    )


def removed(query_id: int) -> str:
    return f'{{"type":"QueryRemoved","queryId":{query_id}}}'


def transition(start: Version, end: Version, modifications: Iterable[str], extras: str = "") -> str:
    """``extras`` are further fields, each with a comma before it."""
    return (
        f'{{"type":"Transition","startVersion":{start.to_json()},"endVersion":{end.to_json()},'
        f'"modifications":[{",".join(modifications)}]{extras}}}'
    )


def failure(error: Exception) -> tuple[str, str]:
    """What a client is told of a failure: its message, and its data with the code, both as JSON."""
    problem = problem_of(error)
    message = problem.message
    detail: dict[str, Any] = {"code": problem.code, "message": problem.message, **problem.detail}
    if problem.detail.get("field") == "cursor":
        # By these words a list that is shown page by page knows to begin again.
        message = f"InvalidCursor: {message}"
        detail |= {"isConvexSystemError": True, "paginationError": "InvalidCursor"}
    return json.dumps(message, ensure_ascii=False), json.dumps(detail, ensure_ascii=False)


def responded(kind: Literal["Mutation", "Action"], request_id: int, result: str, timestamp: int | None) -> str:
    """The answer to a request that was carried out; only a mutation's has a timestamp."""
    when = f',"ts":"{encoded_timestamp(timestamp)}"' if timestamp is not None else ""
    value = with_names_allowed(result)
    return f'{{"type":"{kind}Response","requestId":{request_id},"success":true,"result":{value}{when},"logLines":[]}}'


def responded_failure(kind: Literal["Mutation", "Action"], request_id: int, error: Exception) -> str:
    message, detail = failure(error)
    return (
        f'{{"type":"{kind}Response","requestId":{request_id},"success":false,"result":{message},"ts":null,'
        f'"logLines":[],"errorData":{detail}}}'
    )


def auth_error(error: str, base_version: int, *, was_attempt: bool) -> str:
    return json.dumps(
        {"type": "AuthError", "error": error, "baseVersion": base_version, "authUpdateAttempted": was_attempt}
    )


def fatal_error(error: str) -> str:
    return json.dumps({"type": "FatalError", "error": error})


def chunks(text: str, characters_max: int, name: str) -> list[str]:
    """A long transition in parts, which the client puts together again."""
    parts = [text[at : at + characters_max] for at in range(0, len(text), characters_max)]
    return [
        json.dumps(
            {
                "type": "TransitionChunk",
                "chunk": part,
                "partNumber": number,
                "totalParts": len(parts),
                "transitionId": name,
            },
            ensure_ascii=False,
        )
        for number, part in enumerate(parts)
    ]
