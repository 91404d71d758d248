from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indexer.errors import DataError, UsageError
from indexer.reading.compression import Source
from indexer.reading.encoding import detect_encoding, open_utf8

TEXT = "关键词,搜索量\r\n新生儿纸尿裤,12\n防晒霜,7\n"


def read(path: Path, encoding: str | None = None) -> str:
    with Source(path) as source, open_utf8(source, detect_encoding(source, encoding)) as stream:
        return stream.read().decode()


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (TEXT.encode(), None),
        (TEXT.encode("utf-8-sig"), None),
        (TEXT.encode("gbk"), None),
        ((TEXT + "㐂𠮷\n").encode("gb18030"), None),
        (TEXT.encode("utf-16"), None),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), None),
        (TEXT.encode("utf-32"), None),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        ("關鍵詞,搜尋量\n防曬,7\n".encode("big5"), "big5"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (b"a" * 8192 + b"\n" + TEXT.encode("gbk"), None),
        ("防晒".encode("gbk"), None),
    ],
)
def test_every_encoding_gives_its_very_text(tmp_path: Path, data: bytes, declared: str | None) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    text = read(path, declared)
    assert "\ufffd" not in text
    for candidate in ("utf-8-sig", "utf-16", "utf-32", "gb18030", declared or "utf-8"):
        try:
            if data.decode(candidate) == text:
                return
        except UnicodeError:
            continue
    pytest.fail("no encoding gives this text")


CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=40)


@given(CHINESE, st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32"]))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str) -> None:
    data = f"a,{text}\n".encode(encoding)
    if encoding == "gb18030":  # a few short texts are valid UTF-8 as well; no ladder can tell them apart
        try:
            data.decode()
        except UnicodeDecodeError:
            pass
        else:
            assume(False)  # noqa: FBT003 - so named by hypothesis
    path = tmp_path_factory.mktemp("encoding") / "file"
    path.write_bytes(data)
    assert read(path) == f"a,{text}\n"


def test_a_damaged_byte_is_named_with_line_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    head = ("标题,内容\n" + "好,用\n" * 400_000).encode()
    path.write_bytes(head + b"\xe6\xff\n" + "好,用\n".encode() * 10)
    with pytest.raises(DataError, match=rf"notes\.csv:400002: byte {len(head)} can't be read as UTF-8"):
        read(path)


def test_damage_at_the_start_does_not_make_utf8_look_like_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_bytes(b"\xff\n" + "标题很好用的内容\n".encode() * 100)
    with pytest.raises(DataError, match=r"notes\.csv:1: byte 0 can't be read as UTF-8"):
        read(path)


def test_what_is_declared_is_used_strictly(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_bytes(b"a\n" + "防晒".encode("gbk"))
    with pytest.raises(DataError, match=r"notes\.csv:2: byte 2 can't be read as UTF-8"):
        read(path, "utf-8")
    with pytest.raises(UsageError, match="no text encoding"):
        read(path, "klingon")
    with pytest.raises(UsageError, match="no text encoding"):
        read(path, "base64")
    assert read(path, "GBK") == "a\n防晒"


def test_utf16_without_a_mark_is_told(tmp_path: Path) -> None:
    path = tmp_path / "planner.csv"
    path.write_bytes("Keyword\tVolume\n".encode("utf-16-le"))
    with pytest.raises(DataError, match="UTF-16") as caught:
        read(path)
    assert "utf-16-le" in caught.value.hint


def test_a_character_cut_by_a_block_border_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "wide.txt"
    text = "x" + "𠮷" * 600_000  # 4 bytes each, over the border of the blocks
    path.write_bytes(text.encode("gb18030"))
    assert read(path) == text
