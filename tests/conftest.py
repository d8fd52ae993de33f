"""How tests are run; what those of several rooms share is in ``tests.shared``."""

import gc
import os
import tempfile
from pathlib import Path
from typing import Final

import pytest
from hypothesis import Phase, settings

# A machine that is busy is no failure: what must be fast is measured by the benchmark, not asserted by a test.
settings.register_profile("unhurried", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None)
# Mutation testing asks only whether a test fails: the same examples for every mutant, and no time spent on shrinking.
settings.register_profile(
    "mutants", deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("unhurried")


_MEMORY: Final = Path("/dev/shm")
_MEMORY_BYTES_MIN: Final = 1 << 30
"""The quick suite needs a fifth of it at a time. A container may have less."""


def pytest_configure(config: pytest.Config) -> None:
    """The long suite looks for long: more examples of every rule. Nothing that is being collected is garbage."""
    gc.disable()
    if "not long" not in config.option.markexpr or "or" in config.option.markexpr:
        settings.load_profile("thorough")
    elif "TMPDIR" not in os.environ and _has_room():
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
    if config.getoption("dist", "no") == "no":  # else this process only hands tests out to others
        config.pluginmanager.import_plugin("tests.shared")


def _has_room() -> bool:
    """Whether the quick suite can write to memory. A disk that others keep busy has held up a sync of its for half a minute.

    Nothing that it says depends on the disk: what is synced before an answer is read from the system calls, a process that is
    killed loses nothing that the system has, and the power cut has a disk of its own. The long suite writes to the real one.
    """
    if not _MEMORY.is_dir():
        return False
    there = os.statvfs(_MEMORY)
    is_for_programs = not there.f_flag & os.ST_NOEXEC  # some tests write one and run it
    return is_for_programs and there.f_bavail * there.f_frsize >= _MEMORY_BYTES_MIN


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        given = getattr(item, "callspec", None)
        for mark in item.iter_markers("long_on"):
            if given is not None and any(place in given.params.values() for place in mark.args):
                item.add_marker(pytest.mark.long)


def pytest_collection_finish() -> None:
    """What was imported and collected is here to stay: nobody looks it through for garbage, now or later."""
    gc.freeze()
    gc.enable()
