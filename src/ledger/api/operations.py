"""What is published beside the functions' routes: files, a video by its Id, and the paths that its worker calls back by."""

from typing import Any, Final

from ledger.api.shapes import REFERENCE
from ledger.application.callbacks import PATH, STATUS, UPLOAD
from ledger.application.files import FILE_PATHS, UPLOAD_PATH

Schema = dict[str, Any]

_MEANINGS: Final = {
    200: "Here it is.",
    206: "The part of it that was asked for.",
    304: "It is the one that the caller has.",
    401: "Nothing that lets the caller in: no good key, or a token that was never handed out.",
    403: "The URL has expired, or was made for something else; or the key is not for this.",
    404: "There is no such thing.",
    409: "The upload was finished before; the detail says what it has become.",
    413: "There are too many bytes.",
    416: "The file has nothing of the range that is asked for.",
    422: "The request breaks a rule; the error names the field and the rule.",
    503: "The files or the log cannot be had now; try again.",
}
_TEXT: Final[Schema] = {"type": "string"}
_ID: Final[Schema] = {"type": "string", "minLength": 1}
_PROBLEM: Final[Schema] = {"$ref": REFERENCE.format(model="Problem")}
_CLIENTS_PROBLEM: Final[Schema] = {
    "type": "object",
    "required": ["code", "message", "detail"],
    "properties": {"code": _TEXT, "message": _TEXT, "detail": {"type": "object"}},
}
_DONE: Final[Schema] = {
    "type": "object",
    "required": ["ok", "result"],
    "properties": {"ok": {"const": True}, "result": {"type": "null"}},
}
_REPORT: Final[Schema] = {
    "type": "object",
    "required": ["videoId", "status"],
    "properties": {
        "videoId": _TEXT,
        "status": {"enum": ["processing", "completed", "failed"]},
        "progress": {"anyOf": [{"type": "number"}, {"type": "null"}], "description": "From 0 to 100."},
        "error": {"anyOf": [_TEXT, {"type": "null"}]},
    },
    "additionalProperties": False,
}
_RESULTS: Final[Schema] = {
    "type": "object",
    "required": ["videoId", "results"],
    "properties": {
        "videoId": _TEXT,
        "results": {"type": "object"},
        "processedVideoStorageId": {"anyOf": [_TEXT, {"type": "null"}]},
    },
    "additionalProperties": False,
}


def operations() -> dict[str, dict[str, Schema]]:
    """Operations by path and method, as an OpenAPI document has them."""
    return {
        UPLOAD_PATH: {"post": _upload()},
        **{f"{path}/{{storageId}}": {"get": _download(path)} for path in FILE_PATHS},
        "/videos/{videoId}": {"get": _video()},
        **_callbacks(),
    }


def _upload() -> Schema:
    stored = {"type": "object", "required": ["storageId"], "properties": {"storageId": _TEXT}}
    return _operation(
        "uploadFile",
        "Brings a file to the URL that a function handed out, and answers its storageId.",
        {200: _json(stored)},
        (401, 403, 409, 413, 422, 503),
        problem=_CLIENTS_PROBLEM,
        parameters=[
            _parameter("token", "query", "Handed out with the URL: good for an hour, and for one upload."),
            _parameter(
                "Digest", "header", "`sha-256=` and the hash in base64: other bytes are refused.", required=False
            ),
        ],
        requestBody={"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    )


def _download(path: str) -> Schema:
    of_file = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    return _operation(
        "getFile" if path == FILE_PATHS[0] else "getFileByItsId",
        "The bytes of a file, as they came.",
        {200: of_file, 206: of_file, 304: {}},
        (401, 403, 404, 416, 422, 503),
        problem=_PROBLEM if path == "/storage" else _CLIENTS_PROBLEM,
        security=[{}, {"key": ["read"]}],
        parameters=[
            _in_path("storageId"),
            _parameter("signature", "query", "Of a URL that was handed out; it stands for a key.", required=False),
            _parameter("expires", "query", "When that URL ends to be good.", required=False),
            _parameter("Range", "header", "One range of bytes.", required=False),
            _parameter("If-Range", "header", "An ETag: where the file is another, all of it comes.", required=False),
            _parameter("If-None-Match", "header", "An ETag that the caller has.", required=False),
        ],
    )


def _video() -> Schema:
    shown = {
        "type": "object",
        "required": ["ok", "result"],
        "properties": {
            "ok": {"const": True},
            "result": {"anyOf": [{"$ref": REFERENCE.format(model="Video")}, {"type": "null"}]},
        },
    }
    return _operation(
        "getVideo",
        "A video by its Id, or null.",
        {200: _json(shown)},
        (401, 403, 404, 422, 503),
        security=[{}, {"key": ["read"]}],
        parameters=[_in_path("videoId")],
    )


def _callbacks() -> dict[str, dict[str, Schema]]:
    """Where the worker of an attempt calls back: the URL that it was given, and what is appended to it."""
    url = f"{PATH}/{{token}}"
    upload_url = {"type": "string", "format": "uri", "description": "Where the bytes are POSTed to."}
    told: tuple[tuple[str, str, str, Schema, Schema | None], ...] = (
        (url, "callbackResults", "What a worker has found in a video, which completes it.", _DONE, _RESULTS),
        (f"{url}/{STATUS}", "callbackStatus", "How far a worker is, or that it failed.", _DONE, _REPORT),
        (f"{url}/{UPLOAD}", "callbackUploadUrl", "A URL for a file that a worker has made.", upload_url, None),
    )
    return {
        path: {
            "post": _operation(
                name,
                summary,
                {200: _json(answer)},
                (401, 403, 404, 409, 413, 422, 503),
                parameters=[_in_path("token")],
                **({"requestBody": {"required": True, **_json(said)}} if said is not None else {}),
            )
        }
        for path, name, summary, answer, said in told
    }


def _operation(
    name: str,
    summary: str,
    answers: dict[int, Schema],
    failures: tuple[int, ...],
    *,
    problem: Schema = _PROBLEM,
    **more: Any,
) -> Schema:
    responses = {status: {"description": _MEANINGS[status], **answer} for status, answer in answers.items()}
    responses |= {status: {"description": _MEANINGS[status], **_json(problem)} for status in failures}
    told = {str(status): response for status, response in responses.items()}
    return {"operationId": name, "summary": summary, "tags": ["files"], "responses": told, **more}


def _json(schema: Schema) -> Schema:
    return {"content": {"application/json": {"schema": schema}}}


def _parameter(name: str, place: str, description: str, *, required: bool = True) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": _TEXT, "description": description}


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": _ID}
