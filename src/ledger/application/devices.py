"""Functions on the devices that write from a spool of their own: which of their numbers have come, and which will not."""

from typing import Final

from ledger.application.functions import LOG, Mutation, Query, Reading, array
from ledger.domain import devices
from ledger.domain.devices import Arrival, DeviceName, FactsLost, RecordLoss, delivery_of, device_numbers, partition_of
from ledger.domain.values import Frozen
from ledger.domain.vocabulary import Vocabulary
from ledger.log.reading import deliveries, read_entity
from ledger.log.requests import Decision
from ledger.log.stream import Stream


def _record(command: RecordLoss, _stream: Stream, _: Vocabulary) -> Decision:
    return Decision(devices.decide(command), lambda _: "null")


class ListWriterGaps(Frozen):
    device: DeviceName | None = None


def _list(asked: ListWriterGaps, reading: Reading) -> str:
    with reading.log.snapshot() as connection:
        arrivals = [
            Arrival(delivery, actor, recorded_at)
            for key, actor, recorded_at in deliveries(connection, asked.device)
            if (delivery := delivery_of(key)) is not None
        ]
        named = {arrival.delivery.device for arrival in arrivals} | ({asked.device} if asked.device else set())
        losses = [
            (entry.recorded_at, entry.event)
            for device in sorted(named)
            for entry in read_entity(connection, partition_of(device), devices.ENTITY)
            if isinstance(entry.event, FactsLost)
        ]
    return array([each.model_dump_json(by_alias=True) for each in device_numbers(arrivals, losses)])


FUNCTIONS: Final = (
    Mutation(
        "ledger:recordLoss",
        "/ledger/devices/loss",
        RecordLoss,
        "null",
        _record,
        lambda command: partition_of(command.device),
        "Keeps what a device says of numbers that will not come: dropped for want of room, refused, or discarded by hand.",
        scope="write",
        about="device",
    ),
    Query(
        "ledger:listWriterGaps",
        "/ledger/devices/gaps",
        ListWriterGaps,
        _list,
        None,
        "What has come of each device's numbers: what is missing, what is lost and why, and what came late.",
        "WriterGaps",
        scope="read",
        views=LOG,
    ),
)
