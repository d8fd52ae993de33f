"""Where a worker that is pushed a job reaches this server: as the deployment says, else by the origin of whoever asked for the job.

That origin is what a caller has written into a header. A worker calls whatever it is told to, from inside the deployment's network:
so an origin that leads to a private address is passed on only where that is this server itself. Without LEDGER_PUBLIC_URL a public
one is believed, as it is wherever URLs are handed out.
"""

import logging
import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address

_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104  # nothing is bound: it is asked whether that was
_PORTS: Final = {"http": 80, "https": 443}
_ORIGIN: Final = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?", re.IGNORECASE | re.ASCII)
_logger = logging.getLogger(__name__)


def addresses_of(host: str) -> list[Address]:
    """Every address that a name leads to, or a number however it is written (``127.1``, ``2130706433``); none if to nowhere."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(str(where[0]).partition("%")[0]) for *_, where in found]


def is_public(address: Address) -> bool:
    """Whether it can be nothing but a host of the internet: no IPv6 address that has another in it, either."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return isinstance(address, IPv4Address) or not (address.is_site_local or address.sixtofour or address.teredo)


def is_own(address: Address) -> bool:
    """Whether it is an address of this machine: only to those can something be bound."""
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((str(address), 0))
        except OSError:
            return False
    return not address.is_unspecified


class Origins:
    """Decides by which origin a worker is told to call back."""

    def __init__(self, own: str, worker_url: str | None, public: str | None = None) -> None:
        """``own`` is where this server listens, ``public`` what the deployment says."""
        self._own = urlsplit(own)
        self._worker_host = urlsplit(worker_url or own).hostname or ""
        self._public = public

    def for_worker(self, asked: str | None) -> str:
        """The origin for a job that was asked for by another; ``asked`` is None where nobody knows by which."""
        if self._public is not None:
            return self._public
        if asked is not None and self._may_be_called(asked):
            return asked
        own = self._own_origin()
        if asked is not None:
            told = "%r leads to no public address, and not here: the worker is told to call %s; see LEDGER_PUBLIC_URL"
            _logger.warning(told, asked, own)
        return own

    def _may_be_called(self, origin: str) -> bool:
        if not _ORIGIN.fullmatch(origin):
            return False
        where = urlsplit(origin)
        addresses = addresses_of(where.hostname or "")
        return bool(addresses) and (
            all(map(is_public, addresses)) or (self._has_own_port(where) and all(map(self._is_here, addresses)))
        )

    def _has_own_port(self, where: SplitResult) -> bool:
        try:
            return (where.port or _PORTS[where.scheme]) == self._own.port
        except ValueError:
            return False

    def _is_here(self, address: Address) -> bool:
        """Whether the worker, too, finds this server there: loopback is this machine's only for those who are on it."""
        return is_own(address) and (not address.is_loopback or self._is_worker_here())

    def _is_worker_here(self) -> bool:
        addresses = addresses_of(self._worker_host)
        return bool(addresses) and all(map(is_own, addresses))

    def _own_origin(self) -> str:
        """Where this server listens; if that is everywhere, its address on the way to the worker."""
        if self._own.hostname not in _EVERYWHERE:
            return self._own.geturl()
        for worker in addresses_of(self._worker_host):
            family = socket.AF_INET if isinstance(worker, IPv4Address) else socket.AF_INET6
            with socket.socket(family, socket.SOCK_DGRAM) as trial:  # nothing is sent: it only asks for the way
                try:
                    trial.connect((str(worker), 9))
                except OSError:
                    continue
                found = trial.getsockname()[0]
                return f"http://{f'[{found}]' if ':' in found else found}:{self._own.port}"
        return self._own.geturl()
