"""Which encoding a text file has, by a strict ladder: BOM, UTF-8, GB18030, or exactly what ``--encoding`` says.

Every rung is strict and tried on the whole file (in one streaming pass each), so that nothing is ever replaced by
U+FFFD and a file whose first Chinese character comes after megabytes of ASCII is still read rightly.
"""

from __future__ import annotations

import codecs
import io
import re
from typing import TYPE_CHECKING, BinaryIO, Final

from indexer.errors import DataError, UsageError
from indexer.quarantine import printable
from indexer.reading.compression import Advance, Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK: Final = 1 << 20
_BOMS: Final = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DAMAGED_RATIO: Final = 20  # so many whole UTF-8 characters to one that is broken: damaged UTF-8, not GB18030
_SAMPLE: Final = 1 << 16
_PUNCTUATION: Final = frozenset('\n\r\t,;"')  # what every table or JSON holds; with bytes swapped no one writes them
_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")
_ALSO: Final = "name the encoding with --encoding (utf-8, gb18030, big5, utf-16 ...)"


def detect_encoding(source: Source, declared: str | None = None) -> str:
    """The Python name of the encoding in which the whole file can be read.

    Raises:
        UsageError: ``declared`` is no text encoding.
        DataError: The file can't be read in that encoding, or in none; names file, line and byte.
    """
    if declared is not None:
        encoding = _known(declared)
        head = source.unpacked_magic()
        if encoding == "utf-8" and head.startswith(codecs.BOM_UTF8):
            encoding = "utf-8-sig"
        _require(source, encoding)
        return encoding
    head = source.unpacked_magic()
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            _require(source, encoding)
            return encoding
    fault = first_fault(source, "utf-8")
    if fault is None:
        if head.count(0) > 2:  # noqa: PLR2004 - text of one-byte characters holds no NUL, UTF-16 of Latin text half
            raise _unmarked(source.name, _unmarked_utf16(source) or "utf-16-le")
        return "utf-8"
    unmarked = _unmarked_utf16(source)
    if unmarked is not None:
        raise _unmarked(source.name, unmarked)
    whole, broken = _utf8_balance(source)
    if whole > _DAMAGED_RATIO * broken:
        raise _undecodable(source.name, "UTF-8", fault)
    other = first_fault(source, "gb18030")
    if other is None:
        return "gb18030"
    raise _undecodable(source.name, "UTF-8", fault, also="GB18030")


def perhaps_big5(source: Source) -> str | None:
    """The kind of Big5 that a source read as GB18030 may be: its start has private characters there and none here."""
    with source.open() as stream:
        sample = stream.read(_BLOCK)
    if not _PRIVATE.search(_start(sample, "gb18030") or ""):
        return None
    for encoding in ("big5", "cp950", "big5hkscs"):
        text = _start(sample, encoding)
        if text is not None and not _PRIVATE.search(text):
            return encoding
    return None


def open_utf8(source: Source, encoding: str, advance: Advance | None = None) -> io.BufferedReader:
    """The text of a source as a stream of UTF-8 bytes without a byte order mark, line ends as they are."""
    stream = source.open(advance)
    if encoding == "utf-8":
        return stream
    if encoding == "utf-8-sig":
        stream.read(len(codecs.BOM_UTF8))
        return stream
    return io.BufferedReader(_Recoded(stream, encoding, source.name), _BLOCK)


def first_fault(source: Source, encoding: str) -> tuple[int, int] | None:
    """Line (from 1) and offset of the first byte that can't be decoded; None when all can."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line, offset = 1, 0
    newline = "\n".encode(encoding) if encoding in {"utf-8", "gb18030"} else None
    with source.open() as stream:
        pending = b""
        while True:
            block = stream.read(_BLOCK)
            try:
                text = decoder.decode(block, not block)
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                seen: bytes = getattr(error, "object", pending + block)
                at = offset - (len(seen) - len(block)) + start
                line += seen[:start].count(newline) if newline else _lines(seen[:start], encoding)
                return line, max(at, 0)
            if not block:
                return None
            line += text.count("\n")
            offset += len(block)
            pending = decoder.getstate()[0]


def _start(sample: bytes, encoding: str) -> str | None:
    """The text of the start of a file, which may end within a character; None when it can't be decoded."""
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(sample)
    except UnicodeError:
        return None


def _unmarked_utf16(source: Source) -> str | None:
    """The byte order of UTF-16 without a mark: only UTF-16 holds NUL bytes, and they stand beside its separators."""
    with source.open() as stream:
        sample = stream.read(_SAMPLE)
    if 0 not in sample:
        return None
    counts = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _start(sample, encoding)
        if text is not None:
            counts[encoding] = sum(character in _PUNCTUATION for character in text)
    found = max(counts, key=counts.__getitem__, default=None)
    return found if found is not None and counts[found] and first_fault(source, found) is None else None


def _unmarked(name: str, encoding: str) -> DataError:
    return DataError(f"{name}: looks like UTF-16 without a byte order mark", hint=f"--encoding {encoding}")


def _lines(data: bytes, encoding: str) -> int:
    return data.decode(encoding, "ignore").count("\n")


def _utf8_balance(source: Source) -> tuple[int, int]:
    """How many characters beyond ASCII are whole in UTF-8, and how many places are broken."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    whole = broken = 0
    with source.open() as stream:
        while True:
            block = stream.read(_BLOCK)
            text = decoder.decode(block, not block)
            bad = text.count("\ufffd")
            broken += bad
            whole += len(text) - bad - len(text.encode("ascii", "ignore"))
            if not block:
                return whole, broken


class _Recoded(io.RawIOBase):
    """UTF-8 bytes of a stream in another encoding."""

    def __init__(self, stream: BinaryIO, encoding: str, name: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._encoding = encoding
        self._name = name
        self._ready = memoryview(b"")
        self._done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._ready and not self._done:
            block = self._stream.read(_BLOCK)
            self._done = not block
            try:
                self._ready = memoryview(self._decoder.decode(block, not block).encode())
            except UnicodeError as error:
                raise DataError(f"{self._name}: changed while it was read", hint="import it again") from error
        view = memoryview(buffer).cast("B")
        size = min(len(view), len(self._ready))
        view[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def _known(declared: str) -> str:
    try:
        name = codecs.lookup(declared).name
        "".encode(name)
    except (LookupError, ValueError) as error:
        raise UsageError(f"there is no text encoding {printable(declared)!r}", hint=_ALSO) from error
    # GBK and GB2312 are parts of GB18030, and files called so often hold more than they allow.
    return "gb18030" if name in {"gbk", "gb2312"} else name


def _require(source: Source, encoding: str) -> None:
    fault = first_fault(source, encoding)
    if fault is not None:
        raise _undecodable(source.name, encoding.upper(), fault)


def _undecodable(name: str, encoding: str, fault: tuple[int, int], also: str = "") -> DataError:
    line, byte = fault
    rest = f" (nor as {also})" if also else ""
    return DataError(f"{name}:{line}: byte {byte} can't be read as {encoding}{rest}", hint=_ALSO)
