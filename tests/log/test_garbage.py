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
