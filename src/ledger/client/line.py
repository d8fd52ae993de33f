"""The line to a ledger: what a sender and a worker ask it by."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import httpx2

TIMEOUT_SECONDS: Final = 30.0
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def open_line(url: str, headers: Mapping[str, str]) -> httpx2.Client:
    """A connection that is made when it is first used, and again whenever it was lost."""
    address = httpx2.URL(url)
    # A proxy of the environment stands between this machine and others, never between it and itself.
    trust_env = address.host not in _LOOPBACK
    # To read the certificates of this machine takes longer than a hundred requests. Where they are not needed, nobody is trusted.
    verify = address.scheme == "https" or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx2.Client(base_url=address, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=trust_env, verify=verify)


def post_json(
    line: httpx2.Client, path: str, body: bytes, key: str | None, on_out: Callable[[], object]
) -> httpx2.Response:
    """The answer to a body, sent under an idempotency key where there is one. Raises httpx2.RequestError.

    ``on_out`` is called while it is awaited: once the whole body has been handed to the system, if it comes to that.
    """

    def content() -> Iterator[bytes]:
        yield body
        on_out()

    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    if key is not None:
        headers["Idempotency-Key"] = key
    return line.post(path, content=content(), headers=headers)
