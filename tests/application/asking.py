"""A real ledger, asked by the contract's own names: ``ask.write("markHeroPose", sessionId=…)``; of ours in whole."""

import json
from typing import Any

from ledger.application.catalogue import BY_NAME
from ledger.application.functions import Caller, Mutation, Query
from ledger.application.ledger import Answer, Ledger
from ledger.log.positions import Position

ANN = Caller("ann")


class Asking:
    """Somebody who writes to and reads from one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def written(self, name: str, /, *, caller: Caller = ANN, **arguments: Any) -> Answer:
        function = BY_NAME[name if ":" in name else f"production:{name}"]
        assert isinstance(function, Mutation)
        return self.ledger.write(function, arguments, caller)

    def write(self, name: str, /, **arguments: Any) -> Any:
        """What a mutation answers."""
        return json.loads(self.written(name, **arguments).json)

    def answered(self, name: str, /, *, at_least: Position | None = None, **arguments: Any) -> Answer:
        function = BY_NAME[name if ":" in name else f"production:{name}"]
        assert isinstance(function, Query)
        return self.ledger.read(function, arguments, at_least)

    def read(self, name: str, /, **arguments: Any) -> Any:
        """What a query answers."""
        return json.loads(self.answered(name, **arguments).json)

    def start(self, **details: Any) -> str:
        session_id: str = self.write("startProductionSession", **({"sessionType": "music_demo"} | details))
        return session_id

    def cut(self, session_id: str, at: float, **facts: Any) -> str:
        told = {"sessionId": session_id, "timestampMs": at, "eventType": "cut"} | facts
        event_id: str = self.write("appendDirectorEvent", **told)
        return event_id

    def pages(self, name: str, size: int, /, **arguments: Any) -> list[Any]:
        """Everything that a function answers with, a page at a time."""
        found: list[Any] = []
        cursor = None
        while True:
            page = self.read(name, paginationOpts={"numItems": size, "cursor": cursor}, **arguments)
            assert len(page["page"]) <= size
            found += page["page"]
            if page["isDone"]:
                return found
            cursor = page["continueCursor"]
