"""Both databases keep and order the same values the same way."""

from tests.log.opened import OpenLog, fact

FAR_APART = ["B", "a", "Z", "é", "b", "_", "É", "ß", "z", "10", "9", "\U0001f600", "ｱ"]


def test_text_is_in_the_order_of_its_bytes(opened: OpenLog):
    for name in FAR_APART:
        opened.append(fact(), partition=name)
    found = [row[0] for row in opened.rows("SELECT partition FROM events ORDER BY partition")]
    assert found == sorted(FAR_APART, key=str.encode)


def test_numbers_outgrow_32_bits(opened: OpenLog):
    opened.now = 2**42
    opened.append(fact())
    assert opened.rows("SELECT recorded_at FROM events") == [(2**42,)]
