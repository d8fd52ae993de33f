import pytest

from ledger.domain import documentation
from ledger.workers.documenting import documenting, writer_named
from ledger.workers.local import LocalJob, WorkFailedError
from tests.application.timed import Timed


def recorded(work: Timed) -> LocalJob:
    session_id = work.write("sessions:createSession", pcName="bay")
    for name in ("a.png", "b.png"):
        shot = work.write("screenshots:createScreenshot", sessionId=session_id, filename=name, fileId=work.upload())
        work.write("ocrResults:storeResult", screenshotId=shot, text=f"on {name}")
    work.write("sessions:completeSession", sessionId=session_id)
    job = work.claim("documentation")
    return LocalJob(work.ledger, job["jobId"], 1, job["subject"], {}, job["leaseMs"])


def test_the_template_has_every_text_in_order(work: Timed):
    result = documenting()(recorded(work))
    assert isinstance(result, dict)
    content = result["content"]
    assert 0 < content.index("on a.png") < content.index("on b.png")


def test_another_writer_is_given_the_same_pages(work: Timed):
    def model(recording, pages) -> str:
        return f"{recording.pc_name}: {[page.result.text for page in pages]}"

    assert documenting(model)(recorded(work)) == {"content": "bay: ['on a.png', 'on b.png']"}


def test_a_writer_that_writes_nothing_has_failed(work: Timed):
    with pytest.raises(WorkFailedError, match="int"):
        documenting(lambda recording, pages: 5)(recorded(work))  # type: ignore[arg-type,return-value]


def test_a_writer_is_named_by_its_module_and_function():
    assert writer_named("ledger.domain.documentation:write") is documentation.write
    for name in ("nowhere:write", "ledger.domain.documentation:nothing", "ledger", "ledger:__version__", ""):
        with pytest.raises(ValueError, match="LEDGER_DOCUMENT_WRITER"):
            writer_named(name)
