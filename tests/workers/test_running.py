from time import monotonic, sleep

import pytest

from ledger.domain import recordings
from ledger.settings import Settings, Workers
from ledger.workers.running import running, works_of
from tests.application.timed import Timed


def test_the_document_is_written_by_the_template_or_by_whom_the_deployment_plugs_in():
    assert recordings.DOCUMENTING in works_of(Workers())
    assert recordings.DOCUMENTING in works_of(Workers(writer="ledger.domain.documentation:write"))
    with pytest.raises(ValueError, match="LEDGER_DOCUMENT_WRITER"):
        works_of(Workers(writer="nowhere:write"))


def test_a_ledger_that_is_served_documents_what_is_recorded(work: Timed):
    with running(work.ledger, Settings(), "http://127.0.0.1:1"):
        session_id = work.write("sessions:createSession")
        work.write("sessions:completeSession", sessionId=session_id)
        deadline = monotonic() + 60
        while (document := work.read("documentation:getDocumentation", sessionId=session_id)) is None:
            assert monotonic() < deadline
            sleep(0.01)
        assert "There are no screenshots" in document["content"]
