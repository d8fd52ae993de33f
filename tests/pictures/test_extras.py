import sys

import pytest

from ledger.pictures.extras import MODULES, ExtraMissingError, is_installed, require_extra


@pytest.fixture
def hidden(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda asked: None if asked == name else sys.modules["sys"].__spec__
    )
    return name


def test_what_is_installed_is_not_asked_for():
    for extra in MODULES:
        require_extra(extra)
        assert is_installed(extra)


@pytest.mark.parametrize(
    ("hidden", "extra"), [("av", "video"), ("cv2", "video"), ("rapidocr", "ocr")], indirect=["hidden"]
)
def test_what_is_missing_is_named_with_how_to_install_it(hidden: str, extra: str):
    with pytest.raises(ExtraMissingError) as told:
        require_extra(extra)  # type: ignore[arg-type]
    assert hidden in str(told.value)
    assert f"pip install 'production-ledger[{extra}]'" in str(told.value)
