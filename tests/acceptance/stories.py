"""What the log tells of a job, read by the rules of a life and not by the code that decided them."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from tests.places import Place

BEGINNING: Final = ["image-added.1", "job-scheduled.1"]


class Line(NamedTuple):
    type: str
    actor: str
    body: dict[str, Any]


def stories(place: Place) -> dict[str, list[Line]]:
    """Everything that happened to each image and its job, in order."""
    found: dict[str, list[Line]] = defaultdict(list)
    statement = "SELECT partition, type, actor, body FROM events ORDER BY partition, sequence"
    for partition, stored_name, actor, body in place.rows(statement):
        found[partition].append(Line(stored_name, actor, json.loads(body)))
    return {partition: lines for partition, lines in found.items() if lines[0].type == BEGINNING[0]}


def complaints(story: list[Line]) -> list[str]:
    """What is wrong with a life of a job: it must be completed, once, each attempt begun after the last had come to nothing."""
    begun = running = results = completed = 0
    wrong = [] if [line.type for line in story[:2]] == BEGINNING else ["it does not begin with its scheduling"]
    is_due = True
    for line in story[2:]:
        attempt = line.body.get("attempt", 0)
        match line.type:
            case "job-started.1":
                if running or not is_due or attempt != begun + 1:
                    wrong.append(f"attempt {attempt} began while {running or 'nobody'} had it, after {begun}")
                begun, running, is_due = attempt, attempt, False
            case "job-progressed.1" if attempt != running:
                wrong.append(f"attempt {attempt} went on, which {running or 'nobody'} had")
            case "job-failed.1" | "job-lease-lost.1":
                if attempt != running:
                    wrong.append(f"attempt {attempt} came to nothing, which {running or 'nobody'} had")
                running = 0
            case "job-retried.1":
                is_due = True
            case "image-generated.1":
                results += 1
            case "job-completed.1":
                if attempt != begun or completed:
                    wrong.append(f"attempt {attempt} completed what {completed or begun} had")
                running, completed = 0, attempt
            case "job-answered-late.1" if attempt == running:
                wrong.append(f"attempt {attempt} was taken for late, and had it")
    if not completed or results != 1:
        wrong.append(f"it was {'completed' if completed else 'never completed'}, with {results} results")
    return wrong


def attempts(found: Iterable[list[Line]]) -> dict[tuple[str, int], str]:
    """Who had which attempt at what, by the log."""
    return {
        (f"{story[1].body['subject']}-j2", line.body["attempt"]): line.body["worker"]
        for story in found
        for line in story
        if line.type == "job-started.1"
    }
