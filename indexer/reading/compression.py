"""Files and archives as streams of bytes: ``.gz`` and ``.zst`` are known by their first bytes, not by their names.

What an archive unpacks to is counted while it streams: a small archive that unpacks beyond any honest ratio is refused.
"""

from __future__ import annotations

import io
import os
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Self

import zstandard

from indexer.errors import DataError, GapfinderError, UsageError
from indexer.quarantine import printable

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
OTHER_ARCHIVES: Final = {b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"Rar!": "rar", b"7z\xbc\xaf": "7z"}
MOST_RATIO: Final = 1000  # deflate can't do more than 1032; text rarely does 30
FREE_BYTES: Final = 64 << 20  # below it no ratio is looked at
MOST_BYTES: Final = 1 << 40
_WINDOW: Final = 128 << 20  # a zstd frame may ask for so much memory at most
_BLOCK: Final = 1 << 18
_MORSEL: Final = 512  # packed bytes at a time: four bytes of zstd may stand for 128 KiB

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Advance = Callable[[int], None]


class _Counted(io.RawIOBase):
    """A file that tells how far it was read."""

    def __init__(self, file: BinaryIO, advance: Advance | None) -> None:
        self._file = file
        self._advance = advance
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._file.read(len(view))
        view[: len(data)] = data
        self.position += len(data)
        if self._advance is not None and data:
            self._advance(len(data))
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of an archive, with its faults told as :class:`DataError` and its size held in bounds."""

    def __init__(self, archive: BinaryIO, packed: _Counted, name: str, most_bytes: int) -> None:
        self._archive = archive
        self._packed = packed
        self._name = name
        self._most = most_bytes
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._archive.read(len(view))
        except EOFError as error:
            raise self._damaged("ends too early: the archive is cut off") from error
        except (BadGzipFile, zlib.error, zstandard.ZstdError) as error:
            raise self._damaged(f"is damaged ({printable(str(error))})") from error
        self._size += len(data)
        if self._size > self._most:
            raise DataError(f"{self._name}: unpacks to more than {self._most:,} bytes")
        if self._size > FREE_BYTES and self._size > MOST_RATIO * max(self._packed.position, 1):
            raise DataError(
                f"{self._name}: {self._packed.position:,} bytes unpack to more than {self._size:,}: no honest archive",
                hint="if it is honest all the same, unpack it yourself and import the result",
            )
        view[: len(data)] = data
        return len(data)

    def _damaged(self, what: str) -> DataError:
        return DataError(
            f"{self._name}: {what}, after {self._packed.position:,} packed and {self._size:,} unpacked bytes",
            hint="copy or download the file again",
        )

    def close(self) -> None:
        if not self.closed:
            self._archive.close()
            self._packed.close()
        super().close()


class _WholeZstd(io.RawIOBase):
    """Frames of a zstd file one after the other; a frame that does not end is an error, not an end."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._context = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        self._frame = self._context.decompressobj()
        self._ready = memoryview(b"")
        self._begun = False
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._ready:
            block = self._left or self._packed.read(_MORSEL)
            self._left = b""
            if not block:
                if self._begun:
                    raise EOFError
                return b""
            self._begun = True
            self._ready = memoryview(self._frame.decompress(block))
            if self._frame.eof:
                self._left = self._frame.unused_data
                self._frame = self._context.decompressobj()
                self._begun = False
        data = self._ready if size < 0 else self._ready[:size]
        self._ready = self._ready[len(data) :]
        return bytes(data)


class Source:
    """One input that can be opened again and again: a file, or standard input or a pipe kept in a temporary file.

    Args:
        path: Path of the file; ``-`` reads standard input.
        most_bytes: The most that an archive may unpack to.

    Raises:
        UsageError: There is no such file, it may not be read, is a device, or standard input is closed.
        DataError: It can't be read.
    """

    def __init__(self, path: str | Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.path = Path(path)
        self.name = "stdin" if str(path) == "-" else printable(str(path))
        self._most = most_bytes
        self._kept: list[Path] = []
        self._whole: Path | None = None
        if not str(path).strip():
            raise UsageError("the name of a file is empty", hint="name a file, or - for standard input")
        try:
            if str(path) == "-":
                if sys.stdin is None:
                    raise UsageError("stdin: standard input is closed", hint="pipe the data in, or name a file")
                self.path = self._keep(sys.stdin.buffer)
            elif not _lasting(self.path, self.name):
                with self.path.open("rb") as pipe:
                    self.path = self._keep(pipe)
            self.size = self.path.stat().st_size
            with self.path.open("rb") as file:
                self.magic = file.read(8)
        except OSError as error:
            raise _unreadable(self.name, error) from error

    @property
    def packed(self) -> bool:
        """Whether the file is a gzip or zstd archive."""
        return self.magic.startswith((GZIP, ZSTD))

    def open(self, advance: Advance | None = None) -> io.BufferedReader:
        """The unpacked bytes from the start; ``advance`` is told how many packed bytes were read.

        Raises:
            UsageError: There is no such file any more, or it may not be read.
            DataError: It can't be read, is another kind of archive; while reading: is damaged, or a bomb.
        """
        for magic, kind in OTHER_ARCHIVES.items():
            if self.magic.startswith(magic):
                raise DataError(f"{self.name}: is a {kind} archive", hint="unpack it, or pack it as .gz or .zst")
        try:
            packed = _Counted(self.path.open("rb", buffering=0), advance)
        except OSError as error:
            raise _unreadable(self.name, error) from error
        if not self.packed:
            return io.BufferedReader(packed, _BLOCK)
        buffered = io.BufferedReader(packed, 1 << 16)
        archive: BinaryIO = (
            GzipFile(fileobj=buffered) if self.magic.startswith(GZIP) else _WholeZstd(buffered)  # type: ignore[assignment]
        )
        return io.BufferedReader(_Unpacked(archive, packed, self.name, self._most), _BLOCK)

    def unpacked_magic(self) -> bytes:
        """The first 8 unpacked bytes."""
        with self.open() as stream:
            return stream.read(8)

    def whole_file(self) -> Path:
        """A path that holds the unpacked bytes, for formats that must be read from their end (Parquet, XLSX)."""
        if not self.packed:
            return self.path
        if self._whole is None:
            with self.open() as stream:
                self._whole = self._keep(stream)
        return self._whole

    def _keep(self, stream: BinaryIO) -> Path:
        kept = _spooled(stream)
        self._kept.append(kept)
        return kept

    def close(self) -> None:
        """Forget what was kept in temporary files."""
        for kept in self._kept:
            kept.unlink(missing_ok=True)
        self._kept.clear()
        self._whole = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _lasting(path: Path, name: str) -> bool:
    """Whether a path can be read more than once; a pipe gives its bytes to the first reader only."""
    mode = path.stat().st_mode
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) or stat.S_ISSOCK(mode):
        raise UsageError(
            f"{name}: is a {'socket' if stat.S_ISSOCK(mode) else 'device'}, not a file",
            hint="use - for standard input and pipe the data in",
        )
    return not stat.S_ISFIFO(mode)


def _spooled(stream: BinaryIO) -> Path:
    handle, name = tempfile.mkstemp(prefix="gapfinder-")
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _unreadable(name: str, error: OSError) -> GapfinderError:
    if isinstance(error, FileNotFoundError):
        return UsageError(f"{name}: there is no such file")
    if isinstance(error, IsADirectoryError):
        return UsageError(f"{name}: is a folder", hint="name the files in it")
    if isinstance(error, PermissionError):
        return UsageError(f"{name}: may not be read: {error.strerror}", hint="give yourself the right to read it")
    return DataError(f"{name}: can't be read: {error.strerror}")
