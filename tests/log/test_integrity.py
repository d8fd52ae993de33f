import pytest

from ledger.log.integrity import SALT_BYTES, leaf_hash

SALT = bytes(range(SALT_BYTES))


def test_the_leaf_of_one_entry_never_changes():
    leaf = leaf_hash("s0shoot", 3, "session-reopened.1", 1_731_000_000_000, "ann", "take-1", SALT, '{"reason":"é"}')
    assert leaf.hex() == "0ac553e36c56fc298619ffad63ac1e577977c19b1c803930169380575b53a9f9"


def test_no_key_is_hashed_as_an_empty_one():
    told = ("s0shoot", 3, "session-reopened.1", 1, "ann")
    assert leaf_hash(*told, None, SALT, "{}") == leaf_hash(*told, "", SALT, "{}")


@pytest.mark.parametrize("changed", range(8))
def test_the_leaf_speaks_of_everything_in_the_entry(changed: int):
    told = ["s0shoot", 3, "session-reopened.1", 1, "ann", "take-1", SALT, "{}"]
    other = ["s0shoos", 4, "session-reopened.2", 2, "ben", "take-2", SALT[::-1], "{ }"]
    mixed = [*told[:changed], other[changed], *told[changed + 1 :]]
    assert leaf_hash(*told) != leaf_hash(*mixed)  # type: ignore[arg-type]
