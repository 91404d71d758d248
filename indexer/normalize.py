"""One normalisation for notes and keywords, so that the same words are the same characters.

NFKC, traditional to simplified script, lower case, control and zero-width characters out, white space folded; repeated
until nothing changes, because one pass is not idempotent (lower-casing may undo a composition). A change of the rules
raises ``NORMALISATION``, which is kept with the data.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import opencc

NORMALISATION: Final = 2  # 2: character 2-grams are kept beside the terms

_SPACES: Final = re.compile(r"\s+")
# Controls, format characters (zero-width, bidi, soft hyphen), variation selectors, surrogates, tags. U+E000 goes too:
# batches of texts are joined with it (indexer.segment), so it must not occur inside one.
_REMOVED: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\ue000\U000e0000-\U000e0fff]"
)
_FOLDED: Final = re.compile(" {2,}")
_MOST_PASSES: Final = 8


@cache
def _simplifier() -> opencc.OpenCC:
    import opencc  # noqa: PLC0415 - loading it costs a tenth of a second that --help should not pay

    return opencc.OpenCC("t2s")


def _one_pass(text: str) -> str:
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    if not text.isascii():
        text = _simplifier().convert(text)
    return text.lower()


def _clean(text: str) -> str:
    # Removing a control between two spaces brings them together, so spaces are folded afterwards.
    return _FOLDED.sub(" ", _REMOVED.sub("", _SPACES.sub(" ", text))).strip(" ")


def normalize(text: str) -> str:
    """The normal form of one text; applying it twice changes nothing more."""
    for _ in range(_MOST_PASSES):
        before = text
        text = _clean(_one_pass(_clean(text)))
        if text == before:
            break
    return text
