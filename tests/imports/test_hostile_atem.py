"""Whatever is in a file that says it is an ATEM project, it is a plan that a ledger takes or a refusal that says where and why."""

import json
import re
import tracemalloc
from collections.abc import Callable
from time import process_time
from typing import Final

import pytest
from hypothesis import given, settings

from ledger.application.catalogue import BY_NAME
from ledger.domain.arguments import parse_arguments
from ledger.domain.refusals import Invalid
from ledger.imports import atem
from tests.imports.projects import SATURDAY, change, header, project, sample
from tests.mutations import mutated

MESSAGE_LENGTH_MAX: Final = 600
MADE: Final = project(
    header("23:59:50;00", "1080p2997", transitionActive=True),
    change("23:59:51;10", source=2, transitionActive=False),
    change("23:59:59;20", transitionActive=True),
    change("00:00:00;20", transitionActive=False, source=3),
    change("00:01:00;02", source=1),
    change("00:02:00;02", onAir=False),
)


def _tells_where_and_why(refusal: Invalid, line_count: int) -> None:
    where = refusal.detail["field"]
    number = re.fullmatch(r"line (\d+)", where)
    assert where == "file" or (number is not None and 1 <= int(number[1]) <= line_count), where
    assert refusal.detail["rule"]
    assert len(refusal.message) <= MESSAGE_LENGTH_MAX, "an error is read by a person"


def plan_or_refuse(content: bytes) -> Invalid | None:
    """Read a file as far as an import goes before it records anything; answers the refusal, if it is one."""
    try:
        recording = atem.read(content, SATURDAY)
    except Invalid as refusal:
        _tells_where_and_why(refusal, content.count(b"\n") + 1)
        return refusal
    for call in (recording.opening_call(), *recording.following_calls("s1")):
        parse_arguments(BY_NAME[call.function].arguments, json.loads(json.dumps(call.args, allow_nan=False)))
    return None


def test_the_originals_are_plans():
    assert plan_or_refuse(MADE) is None


@settings(max_examples=150)
@given(mutated(MADE))
def test_a_made_project_that_was_damaged(content: bytes):
    plan_or_refuse(content)


@settings(max_examples=50)
@given(mutated(MADE).flatmap(mutated))
def test_a_made_project_that_was_damaged_beyond_repair(content: bytes):
    plan_or_refuse(content)


def _damage_the_real_recording(examples: int) -> None:
    @settings(max_examples=examples)
    @given(mutated(sample()))
    def damage(content: bytes) -> None:
        plan_or_refuse(content)

    damage()


def test_the_real_recording_damaged():
    _damage_the_real_recording(100)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_real_recording_damaged_in_many_ways():
    _damage_the_real_recording(5_000)


@pytest.mark.long
@pytest.mark.timeout(600)
@settings(max_examples=10_000)
@given(mutated(MADE))
def test_a_made_project_damaged_in_many_ways(content: bytes):
    plan_or_refuse(content)


FIRST, SECOND = MADE.split(b"\n")[:2]
LARGE: Final[dict[str, Callable[[], bytes]]] = {
    "one endless line": lambda: b" " * 4_000_000,
    "an endless string": lambda: b'{"masterTimecode":"' + b"1" * 4_000_000,
    "an endless number": lambda: b'{"masterTimecode":' + b"1" * 4_000_000 + b"}",
    "endless nesting": lambda: b'{"sources":' + b"[" * 4_000_000,
    "endless objects": lambda: b'{"a":' * 800_000,
    "endless escapes": lambda: b'{"masterTimecode":"' + b"\\u0000" * 600_000 + b'"}',
    "many sources": lambda: b'{"sources":[' + b'{"_index_":1,"type":"V"},' * 40_000 + b"0]}",
    "many blank lines": lambda: b"\n" * 4_000_000,
    "many fields": lambda: b"{" + b'"a":0,' * 600_000 + b'"b":0}',
    "many changes, the last one broken": lambda: (
        FIRST + b"\n" + (b'{"masterTimecode":"23:59:50;00"}\n' * 30_000) + b"!"
    ),
    "more than a project ever has": lambda: b" " * (atem.BYTES_MAX + 1),
    "many faults": lambda: (
        b'{"masterTimecode":"00:00:00:00","videoMode":"1080p25","sources":[' + b"0," * 300_000 + b"0]}"
    ),
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_large_file_is_refused_in_time_and_in_bounded_memory(kind: str):
    content = LARGE[kind]()
    began = process_time()
    refusal = plan_or_refuse(content)
    took = process_time() - began
    assert refusal is not None
    assert took < 5, f"{took:.1f} s for {len(content):,} bytes"


@pytest.mark.long
@pytest.mark.parametrize("kind", LARGE)
def test_the_memory_for_a_large_file_is_bounded_by_its_size(kind: str):
    content = LARGE[kind]()
    tracemalloc.start()
    try:
        plan_or_refuse(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40 * len(content), f"{peak:,} bytes for {len(content):,}"
