"""Settings come from the environment, whole or with the name of what is wrong."""

from dataclasses import fields
from pathlib import Path

import pytest

from ledger.domain.vocabulary import DIRECTOR_MODES, EVENT_TYPES, MUSIC_MODES, SESSION_TYPES
from ledger.settings import Jwt, Limits, Settings


def test_an_empty_environment_leaves_everything_as_it_is():
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"LEDGER_DATA": "", "LEDGER_URL": "", "LEDGER_KEY": ""}) == Settings()


def test_every_setting_is_read():
    settings = Settings.from_environment(
        {
            "LEDGER_DATA": "shoots",
            "LEDGER_DATABASE": "postgresql://db/shoots",
            "LEDGER_FILES": "s3://shoots/files",
            "LEDGER_UPLOAD_BYTES_MAX": "1000",
            "LEDGER_URL": "http://stage:8000",
            "LEDGER_KEY": "secret",
            "LEDGER_PUBLIC_URL": "https://ledger.example/",
            "LEDGER_ALLOW_ORIGIN": "https://a.example, https://b.example,",
        }
    )
    assert (settings.directory, settings.url) == (Path("shoots"), "http://stage:8000")
    assert settings.database == "postgresql://db/shoots"
    assert (settings.files, settings.vocabulary.upload_bytes_max) == ("s3://shoots/files", 1000)
    assert (settings.key, settings.public_url) == ("secret", "https://ledger.example")
    assert settings.allowed_origins == {"https://a.example", "https://b.example"}


@pytest.mark.parametrize("url", ["ledger.example", "https://ledger.example/here", "ftp://x", "https://a@b", "https://"])
def test_a_public_url_is_an_origin(url: str):
    with pytest.raises(ValueError, match="LEDGER_PUBLIC_URL: must be an origin"):
        Settings.from_environment({"LEDGER_PUBLIC_URL": url})


def test_neither_the_key_nor_the_databases_password_is_shown():
    assert "secret" not in repr(Settings(key="secret", database="postgresql://ledger:secret@db/shoots"))


def test_shards_are_a_whole_number_above_nothing():
    assert Settings.from_environment({"LEDGER_SHARDS": "4"}).shards == 4
    assert [Settings.from_environment({"LEDGER_POISON": it}).is_parking for it in ("", "halt", "park")] == [
        False,
        False,
        True,
    ]
    with pytest.raises(ValueError, match="LEDGER_POISON: must be halt or park, not 'skip'"):
        Settings.from_environment({"LEDGER_POISON": "skip"})
    with pytest.raises(ValueError, match="LEDGER_SHARDS"):
        Settings.from_environment({"LEDGER_SHARDS": "0"})


def test_the_patrol_can_be_called_off():
    assert Settings().patrol_seconds == 60
    assert [Settings.from_environment({"LEDGER_PATROL_SECONDS": it}).patrol_seconds for it in ("", "5", "0")] == [
        60,
        5,
        0,
    ]
    with pytest.raises(ValueError, match="LEDGER_PATROL_SECONDS: must be a whole number, not 'often'"):
        Settings.from_environment({"LEDGER_PATROL_SECONDS": "often"})


@pytest.mark.parametrize("limit", [limit.name for limit in fields(Limits)])
def test_every_limit_is_a_whole_number_above_nothing(limit: str):
    name = f"LEDGER_{limit.upper()}"
    assert getattr(Settings.from_environment({name: "17"}).limits, limit) == 17
    for wrong in ("0", "-1", "1.5", "many", "1_000", " 5"):
        with pytest.raises(ValueError, match=name):
            Settings.from_environment({name: wrong})


@pytest.mark.parametrize(
    ("name", "known", "of"),
    [
        ("LEDGER_SESSION_TYPES", SESSION_TYPES, "session_types"),
        ("LEDGER_DIRECTOR_MODES", DIRECTOR_MODES, "director_modes"),
        ("LEDGER_MUSIC_MODES", MUSIC_MODES, "music_modes"),
        ("LEDGER_EVENT_TYPES", EVENT_TYPES, "event_types"),
    ],
)
def test_a_deployment_adds_values_and_takes_none_away(name: str, known: frozenset[str], of: str):
    vocabulary = Settings.from_environment({name: "rehearsal, , table read"}).vocabulary
    assert getattr(vocabulary, of) == known | {"rehearsal", "table read"}


def test_the_key_of_an_issuer_of_tokens_is_given_or_lies_in_a_file(tmp_path: Path):
    (tmp_path / "key.pem").write_text("-----BEGIN")
    for given in ("-----BEGIN", str(tmp_path / "key.pem")):
        jwt = Settings.from_environment({"LEDGER_JWT_KEY": given, "LEDGER_JWT_SCOPES": "read, write"}).jwt
        assert jwt == Jwt("-----BEGIN", None, None, ("read", "write"))
    with pytest.raises(ValueError, match="LEDGER_JWT_KEY"):
        Settings.from_environment({"LEDGER_JWT_KEY": str(tmp_path / "missing.pem")})
