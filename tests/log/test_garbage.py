import gc

from ledger.log import garbage


def test_the_collector_rests_until_the_last_pause_ends():
    with garbage.paused():
        with garbage.paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    try:
        with garbage.paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_pause_ends_with_what_failed_in_it():
    try:
        with garbage.paused():
            raise LookupError
    except LookupError:
        assert gc.isenabled()


def test_a_program_that_records_for_long_has_what_there_is_looked_at_no_more():
    before = gc.get_threshold(), gc.get_freeze_count()
    try:
        garbage.begin_to_record()
        assert gc.get_threshold() == garbage.THRESHOLDS
        assert gc.get_freeze_count() > before[1]
    finally:
        gc.set_threshold(*before[0])
