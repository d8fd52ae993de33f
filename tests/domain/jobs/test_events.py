from ledger.domain.jobs import EVENTS, entity_of
from tests.domain.jobs.working import scheduled, started


def test_everything_that_happens_to_a_job_is_about_it():
    assert scheduled.entity(7) == entity_of(7) == "job:7"
    assert started.entity(8) == "job:1"


def test_no_two_events_are_stored_under_one_name():
    assert len({event.stored_as for event in EVENTS}) == len(EVENTS)
