"""What a client calls: a function by its path, with arguments as each client wraps them."""

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from ledger.api.callers import require_key
from ledger.api.functions.values import may_be_wrapped, require_json
from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Action, Function, Mutation, Query
from ledger.application.live.timestamps import decoded_timestamp
from ledger.domain.refusals import FunctionNotFound, Invalid
from ledger.domain.values import Frozen

Kinds = tuple[type[Query] | type[Mutation] | type[Action], ...]
QUERY: Final[Kinds] = (Query,)
MUTATION: Final[Kinds] = (Mutation,)
ACTION: Final[Kinds] = (Action,)
ANY: Final[Kinds] = (Query, Mutation, Action)
QUERIES_MAX: Final = 100
"""How many questions are asked together at most."""
WRITES_MAX: Final = 1_000
"""How many mutations come together at most."""


class Call(msgspec.Struct, rename="camel"):
    """A call as it is sent."""

    path: str = ""
    args: Any = msgspec.UNSET
    format: Literal["convex_encoded_json", "json"] = "convex_encoded_json"
    ts: str | None = None
    """Of which moment the answer is asked, where one is."""
    component_path: str | None = None
    may_be_wrapped: bool = False
    """Set here: whether a value in it may be none of JSON's."""


class Write(Call, rename="camel"):
    """A mutation among others, whose ``args`` are read when it is its turn."""

    args: msgspec.Raw = msgspec.Raw()
    idempotency_key: str | None = None
    required: bool = False
    """Whether what follows is carried out only where this is."""


class Batch(msgspec.Struct):
    queries: list[Call]


class WriteBatch(msgspec.Struct):
    mutations: list[Write]


_calls: Final = msgspec.json.Decoder(Call)
_batches: Final = msgspec.json.Decoder(Batch)
_write_batches: Final = msgspec.json.Decoder(WriteBatch)
_args: Final = msgspec.json.Decoder(Any)


def parse_call(body: bytes) -> Call:
    """The call that a body is. Raises Invalid, in whose words it is a call that cannot be read."""
    call: Call = _parsed(_calls, body)
    call.may_be_wrapped = may_be_wrapped(body)
    return call


def call_of_parameters(parameters: Mapping[str, str]) -> Call:
    """The call that query parameters are, their ``args`` as JSON. Raises Invalid."""
    unknown = parameters.keys() - {"path", "args", "format", "ts"}
    if unknown:
        raise Invalid(min(unknown), "is not a known parameter")
    form, args = parameters.get("format", "json"), parameters.get("args", "{}")
    said = {"path": parameters.get("path", ""), "format": form, "ts": parameters.get("ts")}
    head = json.dumps(said)
    return parse_call(f'{head[:-1]},"args":{args}}}'.encode())


def parse_batch(body: bytes) -> list[Call]:
    """The calls that a body holds. Raises Invalid."""
    batch: Batch = _parsed(_batches, body)
    if len(batch.queries) > QUERIES_MAX:
        raise Invalid("queries", f"must be {QUERIES_MAX} at most, not {len(batch.queries)}")
    for place, call in enumerate(batch.queries):
        if call.ts is not None:
            raise Invalid(
                f"queries[{place}].ts", "has no meaning here: what is asked together is answered at one moment"
            )
        call.may_be_wrapped = may_be_wrapped(body)
    return batch.queries


def parse_writes(body: bytes) -> list[Write]:
    """The mutations that a body holds. Raises Invalid."""
    batch: WriteBatch = _parsed(_write_batches, body)
    if len(batch.mutations) > WRITES_MAX:
        raise Invalid("mutations", f"must be {WRITES_MAX:,} at most, not {len(batch.mutations):,}")
    is_wrapped = may_be_wrapped(body)
    for place, write in enumerate(batch.mutations):
        require_key(write.idempotency_key, f"mutations[{place}].idempotencyKey")
        if write.ts is not None:
            raise Invalid(f"mutations[{place}].ts", "has no meaning here: what is written is written now")
        write.may_be_wrapped = is_wrapped
    return batch.mutations


def _parsed(decoder: msgspec.json.Decoder[Any], text: bytes, field: str = "body", rule: str = "is no call") -> Any:
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Invalid(field, f"{rule}: {error}") from None


def function_of(call: Call, kinds: Kinds) -> Function:
    """The function that is called. Raises FunctionNotFound, or Invalid where it is of no kind that is wanted here."""
    if not call.path:
        raise Invalid("path", "is required: a function's name")
    if call.component_path:
        raise Invalid("componentPath", "there are no components here")
    function = function_at(call.path)
    if not isinstance(function, kinds):
        wanted = " or ".join(kind.__name__.lower() for kind in kinds)
        raise Invalid(
            "path", f"{function.name} is a {type(function).__name__.lower()}, and not what is asked for: {wanted}"
        )
    return function


def function_at(path: str) -> Function:
    """The function at ``module/path:name``; ``.js`` before the colon and ``:default`` go without saying.

    Raises FunctionNotFound.
    """
    module, _, name = path.partition(":")
    function = BY_NAME.get(f"{module.removesuffix('.js')}:{name or 'default'}")
    if function is None:
        raise FunctionNotFound(path)
    return function


def arguments_in(args: Any) -> Any:
    """The arguments inside ``args``, which JavaScript's client sends as an array of one object, and Python's as that object."""
    if args is msgspec.UNSET:
        return {}
    if isinstance(args, list):
        if len(args) > 1:
            raise Invalid("args", "must hold one object")
        return args[0] if args else {}
    return args


def arguments_of(call: Call) -> Any:
    """The arguments of a call. Raises Invalid where they hold what JSON cannot."""
    return _plain(call, call.args)


def stated_by(write: Write, function: Mutation) -> tuple[object, Frozen | None]:
    """The arguments of a mutation, or their text and the command that it comes to where there is a shorter way to that.

    Raises Invalid as ``arguments_of`` does.
    """
    text = bytes(write.args)
    command = None if _is_wrapped(write) else function.read_text(text)
    if command is not None:
        return text, command
    return _plain(write, _parsed(_args, text, "args", "is not JSON") if text else msgspec.UNSET), None


def _plain(call: Call, args: Any) -> Any:
    arguments = arguments_in(args)
    if _is_wrapped(call):
        require_json(arguments)
    return arguments


def _is_wrapped(call: Call) -> bool:
    return call.may_be_wrapped and call.format == "convex_encoded_json"


def timestamp_of(call: Call) -> int | None:
    """Of which moment an answer is asked, None where the present is meant. Raises Invalid where that is no timestamp."""
    if call.ts is None:
        return None
    timestamp = decoded_timestamp(call.ts)
    if timestamp is None:
        raise Invalid("ts", "is no timestamp; hand back what /api/query_ts answered")
    return timestamp
