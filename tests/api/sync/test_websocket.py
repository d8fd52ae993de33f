"""A reader that takes nothing costs nothing but what it was sent, and not for long."""

from time import monotonic

import pytest

from tests.api.sync.speaking import speaks
from tests.shared import Serve


@pytest.mark.long
def test_a_reader_that_takes_nothing_is_let_go_and_holds_nobody_up(serve: Serve):
    server = serve(LEDGER_REQUEST_SECONDS_MAX="3")
    session = server.session()
    asked = {"sessionId": session}
    with speaks(server) as stuck, speaks(server) as reading:
        for client in (stuck, reading):
            client.watch(0, "production:getProductionTimeline", **asked)
        text = "x" * 20_000
        began = monotonic()
        number = 0
        while "is let go" not in server.log() and monotonic() - began < 30:
            server.record("event", **asked, timestampMs=number, eventType="cut", metadata=text)
            number += 1
            while len(reading.values[0]["directorEvents"]) < min(number, 100):
                reading.hear()
        code, reason = stuck.ending()
        assert (code, reason) == (1013, "nothing of what was sent was taken for 3 seconds")
        assert len(reading.values[0]["directorEvents"]) == min(number, 100), "who reads is told as ever"
