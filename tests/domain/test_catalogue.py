"""The catalogue is whole: no event can be recorded that a replay would not know."""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

from ledger import domain
from ledger.domain.catalogue import BY_STORED_NAME, EVENT_TYPES
from ledger.domain.entries import Event


def _kinds(kind: type[Event]) -> Iterator[type[Event]]:
    for under in kind.__subclasses__():
        yield under
        yield from _kinds(under)


def test_every_event_of_every_noun_is_in_it():
    nouns = {module.name for module in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}.")}
    for noun in nouns:
        import_module(noun)
    stored = {kind.stored_as for kind in _kinds(Event) if kind.__module__ in nouns and "stored_as" in vars(kind)}
    assert stored == BY_STORED_NAME.keys()


def test_stored_names_are_unique_versioned_and_no_python_paths():
    assert len(BY_STORED_NAME) == len(EVENT_TYPES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+\.[1-9]\d*", name) for name in BY_STORED_NAME)


def test_events_carry_no_rules_that_would_make_history_unreadable():
    for kind in EVENT_TYPES:
        for name, field in kind.model_fields.items():
            assert field.metadata == [], f"{kind.stored_as}: {name} is constrained"
