"""Whatever writers ask and whatever befalls the ledger, it is what the model says; careless builds are not."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from tests.careless import careless
from tests.guarantees.machine import LedgerMachine

QUICK = settings(max_examples=3, stateful_step_count=20, suppress_health_check=list(HealthCheck))
SEARCH = settings(QUICK, max_examples=60, phases=[Phase.generate], derandomize=True, database=None)


def test_the_ledger_is_what_the_model_says():
    run_state_machine_as_test(LedgerMachine, settings=QUICK)


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_the_ledger_is_what_the_model_says_through_long_lives():
    run_state_machine_as_test(LedgerMachine, settings=settings(QUICK, max_examples=300, stateful_step_count=60))


@pytest.mark.long
def test_the_search_that_finds_careless_ledgers_finds_nothing_in_ours():
    run_state_machine_as_test(LedgerMachine, settings=SEARCH)


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("keys-forgotten", "answered otherwise than"),
        ("read-at-once", "not what was written"),
        pytest.param("corrected-in-place", "history was changed", marks=pytest.mark.long),
    ],
)
def test_a_careless_ledger_is_not(fault: str, complaint: str):
    # Early reads and crashes are races: where one is not lost a second time, Hypothesis says that instead.
    with (
        careless(fault),
        pytest.raises((AssertionError, Flaky), match=f"{complaint}|^Inconsistent (results|data generation)"),
    ):
        run_state_machine_as_test(LedgerMachine, settings=SEARCH)
