from pathlib import Path

import pytest

from ledger.client import failures
from ledger.client.failures import SpoolError, SpoolInUseError


def test_whatever_a_spool_cannot_do_can_be_caught_as_one():
    kinds = [kind for kind in vars(failures).values() if isinstance(kind, type) and kind.__name__.startswith("Spool")]
    assert len(kinds) >= 5
    assert all(issubclass(kind, SpoolError) for kind in kinds)


@pytest.mark.parametrize(("pid", "holder"), [(7, "process 7"), (None, "another process")])
def test_who_has_the_spool_is_named_where_it_is_known(pid: int | None, holder: str):
    assert f"is in use by {holder}" in str(SpoolInUseError(Path("spool"), pid))
