import base64

import pytest

from ledger.application.receiving import CONTENT_TYPE_LENGTH_MAX, require_content_type, wanted_sha256
from ledger.domain.refusals import Invalid


@pytest.mark.parametrize(
    "kind", ["image/png", "text/plain; charset=utf-8", "application/vnd.x+json", "video/mp4;codecs=a,b"]
)
def test_a_media_type_is_kept_as_it_was_given(kind: str):
    assert require_content_type(kind) == kind


@pytest.mark.parametrize(
    "kind", ["image", "image/", "a b/c", "image/png\r\nX: y", "image/png; ü", "a/" + "b" * CONTENT_TYPE_LENGTH_MAX]
)
def test_what_is_no_media_type_is_refused(kind: str):
    with pytest.raises(Invalid, match="Content-Type"):
        require_content_type(kind)


def test_without_a_type_a_file_is_bytes():
    assert require_content_type(None) == require_content_type("") == "application/octet-stream"


def test_of_a_digest_the_sha256_counts():
    digest = base64.b64encode(bytes(range(32))).decode()
    wanted = bytes(range(32)).hex()
    assert wanted_sha256(f"sha-256={digest}") == wanted_sha256(f"MD5=abc, SHA-256={digest}") == wanted
    assert wanted_sha256(None) is wanted_sha256("md5=abc") is None


@pytest.mark.parametrize("given", ["sha-256=", "sha-256=AAAA", "sha-256=!", "sha-256"])
def test_a_digest_that_is_none_is_refused(given: str):
    with pytest.raises(Invalid, match="Digest"):
        wanted_sha256(given)
