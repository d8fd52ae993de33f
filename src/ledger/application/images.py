"""Functions on images that are made of images."""

import json
import random
from typing import Final

from ledger.application.files import require_stored, url_on_pages
from ledger.application.functions import Mutation, Query, Reading, array
from ledger.application.leases import job_at
from ledger.application.pages import Limit
from ledger.domain import images
from ledger.domain.ids import make_id, parse_id, partition_kind
from ledger.domain.images import (
    GenerationStatus,
    Image,
    ImageNotFound,
    MoveGeneration,
    SaveGenerated,
    ScheduleGeneration,
)
from ledger.domain.values import Frozen, Name
from ledger.domain.vocabulary import Vocabulary
from ledger.log.requests import Decision
from ledger.log.stream import Stream
from ledger.projections import images as view
from ledger.projections.projection import ANSWER_LENGTH_DEFAULT


def _original(image_id: str, field: str) -> str:
    """The partition of an original. Raises ImageNotFound for what cannot be its Id."""
    if partition_kind(image_id) != "image":
        raise ImageNotFound(image_id, field)
    return image_id


def _schedule(command: ScheduleGeneration, stream: Stream, vocabulary: Vocabulary) -> Decision:
    require_stored(stream, command.storage_id, "storageId")
    events = images.decide_scheduling(command, vocabulary.jobs, stream.partition)
    return Decision(events, lambda _: json.dumps(stream.partition))


def _move(command: MoveGeneration, stream: Stream, vocabulary: Vocabulary) -> Decision:
    job = job_at(stream, images.JOB)
    jitter = random.random()  # noqa: S311  # spreads retries, guards nothing
    return Decision(images.decide_move(command, job, vocabulary.jobs, stream.now_ms, jitter), lambda _: "null")


def _save(command: SaveGenerated, stream: Stream, _: Vocabulary) -> Decision:
    require_stored(stream, command.storage_id, "storageId")
    image = stream.state_of(images.ENTITY, images.evolve)
    saved = stream.state_of(images.entity_of_result(command.storage_id), images.evolve)
    events = images.decide_saving(command, image, saved)
    return Decision(events, lambda first: json.dumps(saved.id if saved else make_id(stream.partition, "image", first)))


class ListImages(Frozen):
    status: GenerationStatus | None = None
    is_generated: bool | None = None
    limit: Limit = ANSWER_LENGTH_DEFAULT


class GetImage(Frozen):
    image_id: Name


def _list(asked: ListImages, reading: Reading) -> str:
    found = view.list_newest(reading.views, limit=asked.limit, status=asked.status, is_generated=asked.is_generated)
    return array([_shown(image, reading) for image in found])


def _get(asked: GetImage, reading: Reading) -> str:
    image = view.get(reading.views, asked.image_id)
    return _shown(image, reading) if image else "null"


def _shown(image: Image, reading: Reading) -> str:
    return f'{image.to_json()[:-1]},"url":{json.dumps(url_on_pages(reading.log, image.body))}}}'


def _partition(image_id: str) -> str:
    """Where an original or a result is."""
    thing = parse_id(image_id)
    return thing.partition if thing else image_id


FUNCTIONS: Final = (
    Mutation(
        "generate:scheduleImageGeneration",
        None,
        ScheduleGeneration,
        "id",
        _schedule,
        None,
        "Records a pending image, schedules the work on it, and answers its Id.",
        scope="write:images",
        about="image",
    ),
    Mutation(
        "generate:updateImageStatus",
        None,
        MoveGeneration,
        "null",
        _move,
        lambda command: _original(command.image_id, "imageId"),
        "Moves the status of an image's generation. An error begins with its class: quota, rate limit, transient, permanent.",
        scope="write:images",
        about="image",
    ),
    Mutation(
        "generate:saveGeneratedImage",
        None,
        SaveGenerated,
        "id",
        _save,
        lambda command: _original(command.original_image_id, "originalImageId"),
        "Records a result as an image that names its source; the same file again answers the same Id.",
        scope="write:images",
        about="image",
    ),
    Query(
        "generate:listImages",
        None,
        ListImages,
        _list,
        None,
        "Images, newest first, each with a URL of its bytes.",
        "Images",
        scope="read",
        views=frozenset({"images", "jobs"}),
        hands_out_urls=True,
    ),
    Query(
        "generate:getImage",
        None,
        GetImage,
        _get,
        lambda asked: _partition(asked.image_id),
        "The image with a URL of its bytes, or null.",
        "Image",
        scope="read",
        views=frozenset({"images", "jobs"}),
        about="image",
        hands_out_urls=True,
    ),
)
