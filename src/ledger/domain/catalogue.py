"""Every event there is, by its stored name."""

from typing import Final

from ledger.domain import assets, cameras, director, files, keys, music, sessions, stills
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
    files.UploadGranted,
    files.FileStored,
    keys.KeyAdded,
    keys.KeyRevoked,
)

BY_STORED_NAME: Final[dict[str, type[Event]]] = {event_type.stored_as: event_type for event_type in EVENT_TYPES}
