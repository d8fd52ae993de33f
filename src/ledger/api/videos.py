"""Videos over HTTP: one by its Id, and the paths that its worker calls back by, where the URL is all that lets it in."""

from typing import Any, Final

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.api.asgi import BodyTooLargeError, CallerLeftError, body_of, respond, respond_problem
from ledger.api.callers import asker_of, origin_of
from ledger.api.carrier import Carrier
from ledger.api.keys import CALLBACKS
from ledger.api.positions import at_least_of, shown_by
from ledger.api.problems import Problem, problem_of
from ledger.application import callbacks, videos
from ledger.application.callbacks import ANSWER, GRANT, REPORT, STATUS, UPLOAD, WORKER, Calling
from ledger.domain.jobs.refusals import CallbackUnknown
from ledger.domain.refusals import Invalid

VIDEOS: Final = "/videos/"
_NOTHING: Final = b'{"ok":true,"result":null}'


class VideoDoor:
    """ASGI middleware that answers for videos and their workers, and passes on everything else."""

    def __init__(self, app: ASGIApp, carrier: Carrier, body_bytes_max: int) -> None:
        self._app = app
        self._carrier = carrier
        self._body_bytes_max = body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"] if scope["type"] == "http" else ""
        video_id = path.removeprefix(VIDEOS)
        is_callback = path.startswith(CALLBACKS)
        if not is_callback and (not path.startswith(VIDEOS) or "/" in video_id):
            await self._app(scope, receive, send)
            return
        wanted = "POST" if is_callback else "GET"
        try:
            if scope["method"] != wanted:
                problem = Problem("invalid", f"this takes {wanted}, not {scope['method']}", {"allow": wanted})
                await respond(send, 405, problem.to_json(), [(b"allow", wanted.encode())])
            elif is_callback:
                await self._hear(path.removeprefix(CALLBACKS), scope, receive, send)
            else:
                answer = await self._carrier.read(
                    videos.GET, {"videoId": video_id}, asker_of(scope), at_least_of(scope)
                )
                body = f'{{"ok":true,"result":{answer.json}}}'.encode()
                await respond(send, 200, body, shown_by([answer]))
        except CallerLeftError:
            return
        except BodyTooLargeError:
            message = f"the body is larger than {self._body_bytes_max} bytes; what is large belongs in a file"
            await respond_problem(send, Problem("too_large", message, {"bytesMax": self._body_bytes_max}))
        except Exception as failure:  # noqa: BLE001  # what nobody foresaw is told as "internal", its trace logged
            await respond_problem(send, problem_of(failure))

    async def _hear(self, rest: str, scope: Scope, receive: Receive, send: Send) -> None:
        token, _, what = rest.partition("/")
        if what not in ("", STATUS, UPLOAD):
            raise CallbackUnknown()
        # Before its body is read: nobody may have the server read what they send without being let in.
        caller = callbacks.calling(self._carrier.ledger.log, token)
        if what == UPLOAD:
            granted = await self._carrier.write(GRANT, {}, WORKER._replace(origin=origin_of(scope)))
            await respond(send, 200, granted.json.encode())
            return
        said = _decoded(await body_of(scope, receive, self._body_bytes_max))
        await self._take(caller, said, is_report=what == STATUS)
        await respond(send, 200, _NOTHING)

    async def _take(self, caller: Calling, said: Any, *, is_report: bool) -> None:
        arguments = callbacks.arguments_of(caller, said)
        await self._carrier.write(REPORT if is_report else ANSWER, arguments, WORKER)


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Invalid("body", f"is not JSON: {error}") from None
