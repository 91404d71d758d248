"""One normalisation for notes and keywords, so that the same words are the same characters.

NFKC, traditional to simplified script, lower case, control and zero-width characters out, white space folded; repeated
until nothing changes, because one pass is not idempotent (lower-casing may undo a composition). A change of the rules
raises ``NORMALISATION``, which is kept with the data.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import opencc

NORMALISATION: Final = 2  # 2: character 2-grams are kept beside the terms

SEPARATOR: Final = "\ue000"  # joins the texts of a batch; no normal form holds it

_SPACES: Final = re.compile(r"\s+")
# Controls, format characters (zero-width, bidi, soft hyphen), variation selectors, surrogates, tags.
_OUT: Final = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff"
)
_REMOVED: Final = re.compile(f"[{_OUT}]")
_FOLDED: Final = re.compile(" {2,}")
_EDGES: Final = re.compile(f" ?{SEPARATOR} ?")
# Everything that \s stands for but the space itself; named one by one it is found eight times faster than by [^\S ].
_BLANKS: Final = "\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNTIDY: Final = re.compile(f"[{_BLANKS}{_OUT}]")
_UNTIDY_SPACES: Final = ("  ", f" {SEPARATOR}", f"{SEPARATOR} ")
# Composing costs more than all else, and in most texts nothing needs it but some of these, which stand for themselves.
_COMMON: Final = tuple((wide, unicodedata.normalize("NFKC", wide)) for wide in "，！？：；（）～…／＋％＆")
_MOST_PASSES: Final = 8
_HAN: Final = ((0x2E80, 0x2FE0), (0x3005, 0x3008), (0x3021, 0x302A), (0x3400, 0xA000), (0xF900, 0xFB00))
_RARE: Final = re.compile("[\U00020000-\U000323ff]")  # Han characters beyond
_IN_WORDS: Final = "沈坏藉哩覆瞭甦衹"


@cache
def _simplifier() -> opencc.OpenCC:
    import opencc  # noqa: PLC0415 - loading it costs a tenth of a second that --help should not pay

    return opencc.OpenCC("t2s")


@cache
def _to_simplify() -> re.Pattern[str]:
    """A character without which (and without rare ones) the script conversion leaves a text as it is.

    Most are those that it changes by themselves; a few are changed in certain words only (沈 in 沈默, 坏 in 土坏).
    """
    every = [chr(code) for first, end in _HAN for code in range(first, end)]
    parted = _simplifier().convert(" ".join(every)).split(" ")
    changed = [old for old, new in zip(every, parted, strict=True) if old != new]
    return re.compile(f"[{''.join(changed)}{_IN_WORDS}]")  # below U+10000, where such a class is quick to look up


def _composed(text: str) -> tuple[list[str], bool]:
    """NFKC of each of the joined texts, and whether more was composed than common signs."""
    if unicodedata.is_normalized("NFKC", text):
        return text.split(SEPARATOR), False
    for wide, narrow in _COMMON:
        text = text.replace(wide, narrow)
    parts = text.split(SEPARATOR)
    left = [number for number, part in enumerate(parts) if not unicodedata.is_normalized("NFKC", part)]
    for number in left:
        parts[number] = unicodedata.normalize("NFKC", parts[number])
    return parts, bool(left)


def _simplified(texts: Sequence[str]) -> str:
    """Simplified script and lower case, joined."""
    convert, found = _simplifier().convert, _to_simplify().search
    joined = SEPARATOR.join(texts)
    if _RARE.search(joined):
        joined = convert(joined)
    elif found(joined):
        joined = SEPARATOR.join([convert(text) if found(text) else text for text in texts])
    return joined.lower()


def _clean(text: str) -> str:
    if _UNTIDY.search(text) or any(pair in text for pair in _UNTIDY_SPACES):
        # Removing a control between two spaces brings them together, so spaces are folded afterwards.
        text = _EDGES.sub(SEPARATOR, _FOLDED.sub(" ", _REMOVED.sub("", _SPACES.sub(" ", text))))
    return text.strip(" ")


def normalize_joined(texts: Sequence[str]) -> str:
    """The normal forms of many texts, joined by ``SEPARATOR``: several times faster than one by one.

    Nothing in a pass looks across the separator: it composes with nothing, is in no phrase of the script conversion and
    has no case. So each text becomes what it becomes alone.
    """
    joined = SEPARATOR.join(texts)
    if joined.count(SEPARATOR) >= max(len(texts), 1):
        joined = SEPARATOR.join([text.replace(SEPARATOR, "") for text in texts])
    done = _clean(joined).split(SEPARATOR)
    left: Sequence[int] = range(len(done))
    for _ in range(_MOST_PASSES):
        before, unusual = _composed(SEPARATOR.join([done[number] for number in left]))
        simplified = _simplified(before)
        # Nothing but composing brings blanks or what is to be removed.
        after = (_clean(simplified) if unusual else simplified).split(SEPARATOR)
        for number, text in zip(left, after, strict=True):
            done[number] = text
        # Composing twice is composing once, so a text that the rest of the pass left alone stays as it is.
        left = [number for number, old, new in zip(left, before, after, strict=True) if old != new]
        if not left:
            break
    return SEPARATOR.join(done)


def normalize(text: str) -> str:
    """The normal form of one text; applying it twice changes nothing more."""
    return normalize_joined((text,))
