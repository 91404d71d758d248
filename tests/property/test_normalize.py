"""Many texts normalised together become what each becomes alone, by the plain definition of the normal form."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from pathlib import Path

import opencc
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.normalize import _BLANKS, _OUT, _RARE, SEPARATOR, _to_simplify, normalize, normalize_joined

TRICKY = st.sampled_from(
    [
        *"乾隆後裏發麵頭髮ΣΑσςİıẞÅｱﾞカ＜＝＞，！…～　\n\t \u0338\u0301\u3099\u200b\ufe0f\u00ad\u1100\u1161\u11a8",
        "  ",
        SEPARATOR,
        "😀",
    ]
)
TEXTS = st.lists(TRICKY | st.characters(), max_size=12).map("".join)
SIMPLIFIED = opencc.OpenCC("t2s")


def plainly(text: str) -> str:
    """The definition, one text at a time and without a short cut."""

    def clean(text: str) -> str:
        spaced = re.sub(r"\s+", " ", text)
        return re.sub(" {2,}", " ", re.sub(f"[{_OUT}{SEPARATOR}]", "", spaced)).strip(" ")

    for _ in range(8):
        before = text
        text = clean(SIMPLIFIED.convert(unicodedata.normalize("NFKC", clean(text))).lower())
        if text == before:
            break
    return text


@given(st.lists(TEXTS, min_size=1, max_size=5))
@example(["", ""])
@example([SEPARATOR, "a", f"b {SEPARATOR} c"])
@example(["ΟΔΟΣ", "Σ", "Σ"])
@example(["＜", "\u0338"])
def test_together_as_alone(texts: list[str]) -> None:
    assert normalize_joined(texts).split(SEPARATOR) == [plainly(text) for text in texts]
    assert [normalize(text) for text in texts] == [plainly(text) for text in texts]


def test_every_white_space_is_known() -> None:
    spaces = {chr(point) for point in range(0x110000) if chr(point).isspace()}
    assert spaces == set(re.findall(f"[{_BLANKS} ]", "".join(map(chr, range(0x110000)))))
    assert all(re.fullmatch(r"\s", space) for space in spaces)


def test_what_the_script_conversion_changes_is_looked_for(tmp_path: Path) -> None:
    """A text without these characters is not converted: so each character and word that changes has one of them."""
    package = Path(opencc.__file__).parent / "clib"
    words = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    for name in ("TSPhrases", "TSCharacters", "TSCharactersExt", "CJK_Compatibility_Ideographs"):
        source, target = package / "share" / "opencc" / f"{name}.ocd2", tmp_path / f"{name}.txt"
        command = [package / "bin" / "opencc_dict", "-i", source, "-o", target, "-f", "ocd2", "-t", "text"]
        subprocess.run(list(map(str, command)), check=True)
        words += [line.split("\t")[0] for line in target.read_text(encoding="utf-8").splitlines()]
    changed = [word for word in words if SIMPLIFIED.convert(word) != word]
    assert len(changed) > 5000
    assert [word for word in changed if not (_to_simplify().search(word) or _RARE.search(word))] == []


def test_blanks_come_from_composing_alone() -> None:
    untidy = re.compile(rf"[{_OUT}\s]")
    tidy = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000 and not untidy.search(chr(point))]
    assert [one for one in tidy if untidy.search(SIMPLIFIED.convert(one).lower())] == []
