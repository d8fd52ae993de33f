"""The ways in which the domain says no. Each carries its contract code; a door's own table turns that into a status."""

from typing import Any, ClassVar, Literal

Code = Literal["invalid", "not_found", "conflict", "refused", "too_large", "unauthorized", "forbidden"]


class Refusal(Exception):
    """A request that will not be carried out, and why, in words for whoever sent it."""

    code: ClassVar[Code]

    def __init__(self, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class Invalid(Refusal):
    """An argument breaks a rule. ``detail`` names the field and the rule."""

    code = "invalid"

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}", field=field, rule=rule)


class UnknownValue(Invalid):
    """A value that is not among the known ones of its field."""

    def __init__(self, field: str, value: str, known: frozenset[str]) -> None:
        super().__init__(field, f"{value!r} is not known; known are {', '.join(sorted(known))}")


class SessionNotFound(Refusal):
    code = "not_found"

    def __init__(self, session_id: str) -> None:
        super().__init__(f"sessionId: there is no session {session_id!r}", field="sessionId")


class CameraNotFound(Refusal):
    code = "not_found"

    def __init__(self, camera_id: str) -> None:
        super().__init__(f"cameraId: the session has no camera {camera_id!r}; register it first", field="cameraId")


class StillNotFound(Refusal):
    code = "not_found"

    def __init__(self, still_id: str) -> None:
        super().__init__(f"stillCandidateId: there is no still candidate {still_id!r}", field="stillCandidateId")


class DirectorEventNotFound(Refusal):
    code = "not_found"

    def __init__(self, event_id: str, field: str) -> None:
        super().__init__(f"{field}: the session has no director event {event_id!r}", field=field)


class EntryNotFound(Refusal):
    code = "not_found"

    def __init__(self, event_id: str) -> None:
        super().__init__(f"eventId: nothing was recorded under {event_id!r}", field="eventId")


class SessionExists(Refusal):
    """A start under a key whose session is here, but was not started here: it was imported."""

    code = "conflict"

    def __init__(self, session_id: str) -> None:
        super().__init__(
            f"Idempotency-Key: it has started session {session_id!r} in another ledger, from which that was imported",
            field="Idempotency-Key",
        )


class SessionDiffers(Refusal):
    """What is to be imported is here already, with another history."""

    code = "conflict"

    def __init__(self, session_id: str, sequence: int) -> None:
        super().__init__(
            f"sessionId: the ledger has a session {session_id!r}, whose history is another from sequence {sequence} on",
            field="sessionId",
            sequence=sequence,
        )


class StatusCannotMove(Refusal):
    code = "refused"

    def __init__(self, status: str, wanted: str) -> None:
        super().__init__(f"status: a session that is {status} cannot become {wanted}", field="status", status=status)


class SessionNotEnded(Refusal):
    code = "refused"

    def __init__(self, status: str) -> None:
        super().__init__(f"sessionId: only an ended session can be reopened; this one is {status}", status=status)


class KeyReused(Refusal):
    """The idempotency key was used before, by the same actor in the same place, for another request."""

    code = "conflict"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"Idempotency-Key: {key!r} was already used for a different request; use a new key for a new request",
            field="Idempotency-Key",
        )


class EventTooLarge(Refusal):
    """A fact that would be longer than a fact may be. ``field`` is what most of it is in, ``place`` its place in a batch."""

    code = "too_large"

    def __init__(self, field: str, length: int, length_max: int, place: int | None) -> None:
        named = field if place is None else f"events[{place}].{field}"
        rule = f"makes the event {length} characters long, of {length_max} that it may have; keep it in a file instead"
        super().__init__(f"{named}: {rule}", field=named, lengthMax=length_max)


class AnswerTooLarge(Refusal):
    code = "too_large"

    def __init__(self, length_max: int) -> None:
        message = f"the answer is longer than {length_max} characters; ask for less: a smaller limit, a window, a page"
        super().__init__(message, lengthMax=length_max)


class KeyNotFound(Refusal):
    code = "not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"name: there is no key {name!r}; `ledger keys list` shows them", field="name")


class KeyNameTaken(Refusal):
    code = "conflict"

    def __init__(self, name: str) -> None:
        super().__init__(f"name: there is a key {name!r}; revoke it first, or give this one another name", field="name")


class KeyUsedBefore(Refusal):
    code = "conflict"

    def __init__(self, name: str) -> None:
        super().__init__(f"sha256: this very key was added before, as {name!r}; make a new one", field="sha256")


class Unauthorized(Refusal):
    """The caller shows no key, or none that is good here."""

    code = "unauthorized"

    def __init__(self, why: str) -> None:
        super().__init__(f"Authorization: {why}", field="Authorization")


class ScopeMissing(Refusal):
    """The caller's key is not for this."""

    code = "forbidden"

    def __init__(self, name: str, scope: str) -> None:
        super().__init__(f"the key {name!r} lacks the scope {scope}", scope=scope)


class SessionNotYours(Refusal):
    """The caller's key is bound to one session, and this is about another, or about more than that one."""

    code = "forbidden"

    def __init__(self, name: str, session_id: str) -> None:
        message = f"the key {name!r} is bound to the session {session_id}, and to nothing else"
        super().__init__(message, sessionId=session_id)


class ActorNotYours(Refusal):
    """The caller says to be somebody else than its key says."""

    code = "forbidden"

    def __init__(self, name: str) -> None:
        message = f"Ledger-Actor: with a key its name is the writer, here {name!r}; leave the header out"
        super().__init__(message, field="Ledger-Actor")


class TokenUnknown(Refusal):
    """An upload's token that was never given out. Which part of it is wrong is nobody's business."""

    code = "unauthorized"

    def __init__(self) -> None:
        super().__init__("token: it is no upload's; ask for an upload URL, and use it as it is", field="token")


class UploadExpired(Refusal):
    code = "forbidden"

    def __init__(self, minutes: int) -> None:
        super().__init__(f"token: an upload URL is good for {minutes} minutes; ask for another", field="token")


class UploadUsed(Refusal):
    """The upload has become a file, or is about to."""

    code = "conflict"

    def __init__(self, storage_id: str | None = None, sha256: str | None = None, size: int | None = None) -> None:
        became = f"has become the file {storage_id!r}" if storage_id else "is under way"
        known = {"storageId": storage_id, "sha256": sha256, "size": size} if storage_id else {}
        super().__init__(f"token: it is good for one upload, which {became}; ask for another", field="token", **known)


class FileTooLarge(Refusal):
    code = "too_large"

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"body: a file may have {bytes_max} bytes, and this one is larger", bytesMax=bytes_max)


class FileNotFound(Refusal):
    code = "not_found"

    def __init__(self, storage_id: str, field: str = "storageId") -> None:
        super().__init__(f"{field}: there is no file {storage_id!r}", field=field)


class FileLost(Refusal):
    """The log knows the file, and its bytes are not where they are kept."""

    code = "not_found"

    def __init__(self, storage_id: str) -> None:
        super().__init__(
            f"storageId: the bytes of {storage_id!r} are missing where this server keeps files;"
            " `ledger verify --files` tells what else is",
            field="storageId",
        )


class UrlRefused(Refusal):
    """A signed URL that is not, or is no longer, good."""

    code = "forbidden"

    def __init__(self, why: str) -> None:
        super().__init__(f"signature: {why}", field="signature")


class FilesNotKept(Refusal):
    """The server was given no place for files."""

    code = "refused"

    def __init__(self) -> None:
        super().__init__("this server keeps no files: a ledger in a database needs LEDGER_FILES, a folder or a bucket")


class FunctionNotFound(Refusal):
    code = "not_found"

    def __init__(self, path: str) -> None:
        super().__init__(f"path: there is no function {path[:200]!r}", field="path")


class TooManyWatched(Refusal):
    """One connection watches as many queries as it may."""

    code = "too_large"

    def __init__(self, queries_max: int) -> None:
        super().__init__(
            f"this connection watches {queries_max} queries already; let go of some", queriesMax=queries_max
        )


class TooManyActions(Refusal):
    """One connection has as many actions under way as it may."""

    code = "too_large"

    def __init__(self, actions_max: int) -> None:
        message = f"{actions_max} actions of this connection are under way; wait for one of them"
        super().__init__(message, actionsMax=actions_max)
