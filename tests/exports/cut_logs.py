"""Cut logs to be written: made by hand, and of every kind that Hypothesis can think of."""

from hypothesis import strategies as st

from ledger.domain.cutlog import Context, CutLog, Hold, Segment, Transition
from ledger.domain.timecode import RATES, timecode
from ledger.exports import Settings

AFTERNOON_MS = 1_773_500_400_120
"""2026-03-14, 15:00:00.120 UTC."""

CAMERAS = ("cam-1", "CAM1", "Kamera vorn, lange Brennweite", "", "001", "\x01\n", "BL")


def segment(camera_id, in_ms, out_ms, dissolve_ms=None, flags=()):
    transition = None if dissolve_ms is None else Transition(type="dissolve", duration_ms=dissolve_ms)
    return Segment(
        camera_id=camera_id,
        in_ms=in_ms,
        out_ms=out_ms,
        reason="cut",
        transition=transition,
        context=Context(),
        flags=flags,
    )


def cut_log(*stretches, start_ms=AFTERNOON_MS, holds=(), provisional=False):
    """A program of ``(camera, length in ms)``, or with the length of its dissolve, one after the other."""
    segments, at_ms = [], start_ms
    for camera_id, length_ms, *dissolve_ms in stretches:
        segments.append(segment(camera_id, at_ms, at_ms + length_ms, *dissolve_ms))
        at_ms += length_ms
    return CutLog(
        session_id="s1", sequence=1, provisional=provisional, segments=tuple(segments), holds=tuple(holds), audit=()
    )


def hold(hold_id, camera_id, in_ms, out_ms):
    return Hold(hold_id=hold_id, camera_id=camera_id, in_ms=in_ms, out_ms=out_ms, status="released")


rates = st.sampled_from(RATES)
lengths_ms = st.one_of(st.integers(0, 60), st.integers(0, 20_000), st.just(3_600_000))
dissolves_ms = st.one_of(st.none(), st.none(), st.integers(0, 3000), st.floats(0, 20_000), st.just(1e300))
stretches = st.tuples(st.sampled_from((*CAMERAS, None)), lengths_ms, dissolves_ms)
starts_ms = st.integers(AFTERNOON_MS, AFTERNOON_MS + 86_400_000)
cut_logs = st.builds(
    lambda listed, start_ms: cut_log(*listed, start_ms=start_ms), st.lists(stretches, max_size=12), starts_ms
)


@st.composite
def settings(draw):
    rate = draw(rates)
    labels = st.integers(0, rate.frames_per_day - 1).map(lambda frame: timecode(frame, rate))
    return Settings(
        rate,
        start=draw(st.one_of(st.none(), st.just("time of day"), labels)),
        source_start=draw(st.one_of(st.none(), labels)),
        title=draw(st.text(max_size=100)),
        clip_names=draw(st.dictionaries(st.sampled_from(CAMERAS), st.text(max_size=20), max_size=3)),
        latency_frames=draw(st.dictionaries(st.sampled_from(CAMERAS), st.integers(0, 8), max_size=3)),
    )
