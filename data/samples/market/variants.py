"""How people type a keyword: spaces, word order, traditional script, case and width, other phrasings, typos."""

from __future__ import annotations

from random import Random
from typing import Final

from data.samples.market.bank import Keyword

_SCRIPT: Final = str.maketrans(
    "纸裤儿头发肤面脸湿红尿洁护华纹质热护怀妇产岁龄紧净药颜黄黑级试测评荐牌价换买适用国标长时间区别师气缩"
    "细软干枯维补处养泽润华产后异闷罩疗伤复缓解预减",
    "紙褲兒頭髮膚面臉濕紅尿潔護華紋質熱護懷婦產歲齡緊淨藥顏黃黑級試測評薦牌價換買適用國標長時間區別師氣縮"
    "細軟乾枯維補處養澤潤華產後異悶罩療傷復緩解預減",
)
_TYPOS: Final = {"裤": "库", "膜": "模", "洗": "冼", "精": "晶", "屑": "削", "控": "空", "蓬": "篷", "霜": "双"}
_WEIGHTS: Final = {"same": 74, "space": 9, "order": 5, "script": 4, "width": 3, "phrasing": 6, "typo": 1.4}
_SYNONYM_WORDS: Final = ("尿不湿", "去头屑", "防脱发", "精华液", "抗衰老", "评测", "夏季")
_LEAST_FOR_TYPOS: Final = 20  # searches a week; a typo must stay ten times rarer than what it is a typo of
_SHORTEST_WITH_TYPOS: Final = 4  # characters; in a shorter word one letter makes another word
_LEAST_FOR_PHRASINGS: Final = 17  # searches a week; rarer phrasings would be keywords too thin to judge
_ASKING: Final = {"怎么选", "怎么办", "怎么用", "怎么", "什么", "哪个", "多久", "多", "什么时候", "和", "要", "后"}


class Typing:
    """All raw forms of one keyword with their weights."""

    def __init__(self, keyword: Keyword) -> None:
        self.forms: dict[str, list[str]] = {"same": [keyword.text]}
        words, text = keyword.words, keyword.text
        asks = bool(_ASKING & set(words))
        if len(words) > 1:
            self.forms["space"] = [" ".join(words), f"{text[: len(words[0])]}  {text[len(words[0]) :]}"]
            if not asks:
                turned = (*words[1:], words[0])
                self.forms["order"] = [" ".join(turned), "".join(turned)]
        traditional = text.translate(_SCRIPT)
        if traditional != text:
            self.forms["script"] = [traditional]
        self.forms["width"] = [f"{text}？" if asks else f"{text}！", f"　{text}"]
        if text.upper() != text:
            self.forms["width"] = [text.upper(), *self.forms["width"]]
        if keyword.phrasings and keyword.per_week >= _LEAST_FOR_PHRASINGS:
            self.forms["phrasing"] = list(keyword.phrasings)
        wrong = [text.replace(right, typo, 1) for right, typo in _TYPOS.items() if right in text]
        if wrong and keyword.per_week >= _LEAST_FOR_TYPOS and len(text) >= _SHORTEST_WITH_TYPOS:
            self.forms["typo"] = wrong[:2]

    def type(self, rng: Random) -> str:
        """One raw query."""
        kinds = list(self.forms)
        return rng.choice(self.forms[rng.choices(kinds, [_WEIGHTS[kind] for kind in kinds])[0]])

    def how(self, raw: str) -> str:
        """How a raw form comes from the canonical one."""
        kind = next(kind for kind, forms in self.forms.items() if raw in forms)
        return "synonym" if kind == "phrasing" and any(word in raw for word in _SYNONYM_WORDS) else kind
