import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.devices import Delivery, delivery_key, delivery_of

NUMBERS = st.integers(1, 10**15)


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True), NUMBERS, st.integers(0, 10_000))
def test_a_key_says_what_was_sent(device: str, first: int, more: int):
    assert delivery_of(delivery_key(device, "7f3kq2ab", first, first + more)) == Delivery(
        device, "7f3kq2ab", first, first + more
    )


def test_a_fact_by_itself_and_a_batch():
    assert delivery_key("cam-2", "7f3kq2ab", 412, 412) == "device:cam-2:7f3kq2ab:412"
    assert delivery_key("cam-2", "7f3kq2ab", 412, 450) == "device:cam-2:7f3kq2ab:412-450"


@pytest.mark.parametrize(
    "key",
    ["sample-3", "device:cam-2:412", "device:cam-2:s:0", "device:cam-2:s:5-4", "device:a:b:s:1", "device:cam-2:s:1-"],
)
def test_other_peoples_keys_are_not_a_devices(key: str):
    assert delivery_of(key) is None
