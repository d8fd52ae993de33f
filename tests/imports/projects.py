"""ATEM projects made for tests, and what a ledger would keep of their import."""

import json
from datetime import date
from pathlib import Path

import pytest

from ledger.domain import cameras, director, sessions
from ledger.domain.catalogue import BY_STORED_NAME
from ledger.domain.entries import Entry
from ledger.domain.vocabulary import Vocabulary

SATURDAY = date(2026, 3, 14)
SAMPLE = Path(__file__).parents[2] / "../shared/data/atem/sample.drp"


def sample():
    """A real 62-minute recording with 67 switches, which is not ours to pass on."""
    if not SAMPLE.exists():
        pytest.skip(f"the real recording is not here: {SAMPLE}")
    return SAMPLE.read_bytes()


def source(index, kind="Video", **more):
    if kind == "Video":
        more = {"file": f"CAM {index}.mp4", "startTimecode": "10:00:00:00", "projectPath": "Gala", **more}
    return {"name": f"Camera {index}", "type": kind, "_index_": index, **more}


CAMERAS = (source(1), source(2), source(3))


def header(timecode, mode="1080p25", on_air=1, sources=CAMERAS, **program):
    return {
        "version": 1,
        "masterTimecode": timecode,
        "videoMode": mode,
        "sources": list(sources),
        "mixEffectBlocks": [{"onAir": True, "source": on_air, "transitionActive": False, "_index_": 0, **program}],
        "recordingId": "00d1320b",
    }


def change(timecode, **program):
    return {"masterTimecode": timecode, "mixEffectBlocks": [{**program, "_index_": 0}]}


def project(*lines):
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def entries(recording, session_id="s1"):
    """The history that the recording's commands leave, decided as a ledger decides them."""
    vocabulary = Vocabulary()
    history: list[Entry] = []

    def keep(events):
        for event in events:
            sequence = len(history) + 1
            body = event.model_dump_json(by_alias=True, exclude_none=True)
            # As the log gives it back, which is what a replay reads: a command's own object may be of a narrower type.
            stored = BY_STORED_NAME[event.stored_as].model_validate_json(body)
            history.append(Entry(session_id, sequence, 0, "import", None, event.entity(sequence), stored, body))

    keep(sessions.decide(recording.start, None, vocabulary))
    session = sessions.evolve(None, history[0])
    for command in recording.following(session_id):
        match command:
            case cameras.UpsertCamera():
                keep(cameras.decide(command, session, None))
            case director.RecordDirectorEvents():
                keep(director.decide(command, session, vocabulary))
            case sessions.CompleteSession():
                keep(sessions.decide(command, session, vocabulary))
    return history
