"""A server that asks for keys, for tests: who may hand them out, and what their holders send."""

from secrets import token_urlsafe
from typing import Any, Final

import httpx2

from ledger.api.contract import method_of
from ledger.application.catalogue import FUNCTIONS
from ledger.application.functions import Function
from ledger.domain.keys import PREFIX, digest_of_key
from tests.serving import Serving

Headers = dict[str, str]
ROUTED: Final = [function for function in FUNCTIONS if function.path is not None]
"""The functions that have a route."""


def bearing(key: str) -> Headers:
    return {"Authorization": f"Bearer {key}"}


class Locked:
    """A server that asks for keys, and one who may hand them out."""

    def __init__(self, server: Serving) -> None:
        self.server = server
        self.admin: Headers = {}
        self.admin = self.key("admin", "admin")

    def key(self, name: str, *scopes: str, session_id: str | None = None) -> Headers:
        """The headers of a new key's holder."""
        key = PREFIX + token_urlsafe(32)
        wanted = {"name": name, "sha256": digest_of_key(key), "scopes": scopes, "sessionId": session_id}
        answer = self.server.client.post("/ledger/keys/add", json=wanted, headers=self.admin)
        assert answer.status_code == 200, answer.text
        return bearing(key)

    def revoke(self, name: str) -> None:
        answer = self.server.client.post("/ledger/keys/revoke", json={"name": name}, headers=self.admin)
        assert answer.status_code == 200, answer.text

    def call(self, function: Function, arguments: dict[str, Any], headers: Headers) -> httpx2.Response:
        assert function.path is not None, f"{function.name} has a route"
        if method_of(function) == "POST":
            return self.server.client.post(function.path, json=arguments, headers=headers)
        return self.server.client.get(function.path, params=arguments, headers=headers)

    def record(self, route: str, **arguments: Any) -> Any:
        answer = self.server.post(route, arguments, **self.admin)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def head(self) -> str:
        return str(self.server.client.get("/readyz", headers=self.admin).json()["position"])


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
