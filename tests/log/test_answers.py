import pytest

from ledger.log import answers
from ledger.log.answers import enough, is_too_much


@pytest.fixture(autouse=True)
def ten_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "ANSWER_CHARACTERS_MAX", 10)


@pytest.mark.parametrize(
    ("rows", "taken"),
    [
        ([], []),
        (["12345", "12345"], ["12345", "12345"]),
        (["12345", "123456", "1"], ["12345", "123456"]),
        (["x" * 11, "1"], ["x" * 11]),
    ],
)
def test_rows_are_taken_until_there_are_enough(rows: list[str], taken: list[str]):
    left = iter(rows)
    assert list(enough(left, len)) == taken
    assert len(list(left)) == len(rows) - len(taken), "and none after them is fetched"
    assert is_too_much(taken) == (len("".join(rows)) > 10)
