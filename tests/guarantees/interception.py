"""Every write that SQLite makes in this process, seen and perhaps refused before the real file system is asked.

SQLite reaches its files through a table of functions, its VFS. The library that ``sqlite3`` is linked with is asked, by way of
ctypes, to use a copy of that table in which writing, truncating, syncing, opening and deleting come by here. Nothing above
SQLite knows of it: the ledger's own engines open their files as ever.
"""

import _sqlite3
import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

OK: Final = 0
FULL: Final = 13
WRITE_FAILED: Final = 10 | 3 << 8
SYNC_FAILED: Final = 10 | 4 << 8
_OPEN_CREATE: Final = 0x4
_OPEN_JOURNAL_OR_WAL: Final = 0x800 | 0x4000 | 0x80000

_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(Structure):
    _fields_ = [
        ("version", c_int),
        ("file_size", c_int),
        ("path_length_max", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("own", c_void_p),
        ("open", _Open),
        ("delete", _Delete),
        *((f"as_it_was_{number}", c_void_p) for number in range(14)),
    ]


class _Methods(Structure):
    _fields_ = [
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", _Write),
        ("truncate", _Truncate),
        ("sync", _Sync),
        *((f"as_it_was_{number}", c_void_p) for number in range(13)),
    ]


class Refused(NamedTuple):
    """A call that is to fail, and how much of what was to be written is written all the same."""

    code: int
    kept_bytes: int = 0


class Disk(Protocol):
    """Who is told of every call before it is made. An answer refuses it."""

    def opened(self, path: Path, *, is_new: bool) -> None: ...

    def deleted(self, path: Path, *, entry_synced: bool) -> None: ...

    def written(self, path: Path, offset: int, content: bytes) -> Refused | None: ...

    def truncated(self, path: Path, size: int) -> Refused | None: ...

    def synced(self, path: Path, *, with_entry: bool) -> Refused | None:
        """``with_entry``: the folder is synced as well, as SQLite does once for a journal that it has made."""


@cache
def why_not() -> str | None:
    """Why nothing can be intercepted here, if so."""
    try:
        ctypes.CDLL(_sqlite3.__file__).sqlite3_vfs_find  # noqa: B018  # asking for the symbol is the test
    except (AttributeError, OSError) as error:
        return f"the SQLite of this Python cannot be reached: {error}"
    return None


@contextmanager
def intercepting(disk: Disk) -> Iterator[None]:
    """Files that SQLite opens inside are written by way of ``disk``; they must be closed before it ends."""
    vfs = _Interception.instance()
    assert vfs.disk is None, "one disk at a time"
    vfs.disk = disk
    vfs.register()
    try:
        yield
    finally:
        vfs.unregister()
        vfs.disk = None


class _Interception:
    """The copy of the VFS. There is one, for as long as the process lives: SQLite may hold on to what it was given."""

    def __init__(self) -> None:
        self.disk: Disk | None = None
        self._library = ctypes.CDLL(_sqlite3.__file__)
        self._library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        self._real: Any = self._library.sqlite3_vfs_find(None)
        self._vfs = _Vfs.from_buffer_copy(self._real.contents)
        self._vfs.name = b"intercepted"
        self._vfs.open = _Open(self._open)
        self._vfs.delete = _Delete(self._delete)
        self._files: dict[int, tuple[Path, _Methods]] = {}
        self._unsynced_entries: set[Path] = set()
        self._methods: dict[int, tuple[_Methods, _Methods]] = {}

    @classmethod
    @cache
    def instance(cls) -> "_Interception":
        return cls()

    def register(self) -> None:
        assert self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1) == OK

    def unregister(self) -> None:
        assert self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs)) == OK

    def _open(self, _vfs: int, name: int | None, file: int, flags: int, flags_out: int) -> int:
        # The name is handed on as the pointer that it is: the real VFS keeps it for as long as the file is open.
        path = Path(ctypes.string_at(name).decode()) if name else None
        is_new = path is not None and not path.exists()
        code: int = self._real.contents.open(ctypes.cast(self._real, c_void_p), name, file, flags, flags_out)
        if code == OK and path is not None and self.disk is not None:
            methods = c_void_p.from_address(file)
            assert methods.value is not None
            real, copy = self._copied(methods.value)
            methods.value = ctypes.addressof(copy)
            self._files[file] = (path, real)
            if is_new and flags & _OPEN_CREATE:
                if flags & _OPEN_JOURNAL_OR_WAL:
                    self._unsynced_entries.add(path)
                self.disk.opened(path, is_new=True)
        return code

    def _copied(self, address: int) -> tuple[_Methods, _Methods]:
        """The functions of an open file, and their copy that comes by here."""
        if address not in self._methods:
            real = _Methods.from_address(address)
            copy = _Methods.from_buffer_copy(real)
            copy.write, copy.truncate, copy.sync = _Write(self._write), _Truncate(self._truncate), _Sync(self._sync)
            self._methods[address] = (real, copy)
        return self._methods[address]

    def _delete(self, _vfs: int, name: bytes, sync_entry: int) -> int:
        code: int = self._real.contents.delete(ctypes.cast(self._real, c_void_p), name, sync_entry)
        if code == OK and self.disk is not None:
            self.disk.deleted(Path(name.decode()), entry_synced=bool(sync_entry))
        return code

    def _write(self, file: int, content: int, count: int, offset: int) -> int:
        path, real = self._files[file]
        refused = self.disk.written(path, offset, ctypes.string_at(content, count)) if self.disk else None
        if refused is None:
            return int(real.write(file, content, count, offset))
        real.write(file, content, refused.kept_bytes, offset)
        return refused.code

    def _truncate(self, file: int, size: int) -> int:
        path, real = self._files[file]
        refused = self.disk.truncated(path, size) if self.disk else None
        return refused.code if refused else int(real.truncate(file, size))

    def _sync(self, file: int, flags: int) -> int:
        path, _ = self._files[file]
        with_entry = path in self._unsynced_entries
        refused = self.disk.synced(path, with_entry=with_entry) if self.disk else None
        if refused is not None:
            return refused.code
        self._unsynced_entries.discard(path)
        return OK
