"""Every event there is, by its stored name."""

from typing import Final

from ledger.domain import (
    assets,
    cameras,
    captures,
    devices,
    director,
    files,
    images,
    jobs,
    keys,
    music,
    recordings,
    sessions,
    stills,
    videos,
)
from ledger.domain.entries import Event

EVENT_TYPES: Final[tuple[type[Event], ...]] = (
    sessions.SessionStarted,
    sessions.SessionUpdated,
    sessions.SessionStatusMoved,
    sessions.SessionEnded,
    sessions.SessionReopened,
    cameras.CameraRegistered,
    cameras.CameraUpdated,
    director.DirectorEventRecorded,
    director.DirectorEventCorrected,
    stills.StillRecorded,
    stills.StillUpdated,
    stills.StillFavourited,
    stills.StillUnfavourited,
    stills.StillSelected,
    stills.StillDeselected,
    music.MusicMomentRecorded,
    assets.AssetRegistered,
    *captures.EVENTS,
    files.UploadGranted,
    files.FileStored,
    *images.EVENTS,
    *videos.EVENTS,
    *recordings.EVENTS,
    *jobs.EVENTS,
    devices.FactsLost,
    keys.KeyAdded,
    keys.KeyRevoked,
)

BY_STORED_NAME: Final[dict[str, type[Event]]] = {event_type.stored_as: event_type for event_type in EVENT_TYPES}
