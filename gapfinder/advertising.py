"""How likely a note is undisclosed advertising (水下), from what its text does.

A first, openly simple score: a logistic of counted signals with fixed weights. It steers buying (链接, 旗舰店, 优惠券),
praises without limits (闭眼入, 天花板), names one brand again and again, and tells of no drawback or own experience.
A note that says it is disclosed (报备) is not *undisclosed*, whatever its text.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_STEERING: Final = (
    "链接|戳(我|这|主页|下方|左下)|下单|旗舰店|优惠券|领券|券后|同款|小黄车|橱窗|私信|满减|立减|到手价|折扣码|"
    "专属价|店铺|直播间|薅羊毛|拍下|安排起来|冲鸭|库存不多|手慢无|暗号|赠品|团购|主页|涨价|早买|统一(说|回复)"
)
_PRAISE: Final = (
    "闭眼入|天花板|绝绝子|yyds|YYDS|必买|必入|无限回购|全网最|王炸|封神|杀疯了|人手一|吹爆|姐妹们冲|"
    "不允许.{0,6}没有|第一名|断层|神仙|宝藏品牌|强推|安利|挑不出毛病|离不开|哪里都好|个个说好|没有一个说不好|完全改变"
)
_EXPERIENCE: Final = (
    "缺点|不足|不过|但是|踩雷|避雷|后悔|翻车|没想到|一般般|其实|第[一二三四五六七八九十\\d]+[天周次]|自费|空瓶|"
    "回购第|用了.{0,4}(天|周|个月)|对比|实测|记录"
)
_SIGNALS: Final = (("purchase", _STEERING, 1.2), ("praise", _PRAISE, 0.9), ("experience", _EXPERIENCE, -0.7))
_MOST_COUNTED: Final = 4  # of one signal; the fifth says nothing new
_USUAL_NAMINGS: Final = 2  # of the brand, which say nothing
_BRAND_WEIGHT: Final = 0.6  # for each naming beyond
_INTERCEPT: Final = -3.0
REASONS: Final = {
    "purchase": "引导购买的用语",
    "praise": "夸张、无保留的赞美",
    "brand": "反复提到同一品牌",
}


def undisclosed_probability(
    title: pa.Array, content: pa.Array, brand: pa.Array, disclosed: pa.Array
) -> tuple[npt.NDArray[np.float64], dict[str, npt.NDArray[np.int64]]]:
    """Probability per note that it is undisclosed advertising, and the counted signals behind it.

    Args:
        title: Titles (string, nulls allowed), one a note.
        content: Texts.
        brand: Brand named by the data; without it the brand signal is silent.
        disclosed: Whether the note is filed as advertising; null counts as not.
    """
    text = pc.binary_join_element_wise(pc.fill_null(title, ""), pc.fill_null(content, ""), "\n")
    score = np.full(len(text), _INTERCEPT)
    counts: dict[str, npt.NDArray[np.int64]] = {}
    for name, pattern, weight in _SIGNALS:
        found = pc.count_substring_regex(text, pattern).to_numpy(zero_copy_only=False).astype(np.int64)
        counts[name] = found
        score += weight * np.minimum(found, _MOST_COUNTED)
    counts["brand"] = _named(text, brand)
    score += _BRAND_WEIGHT * np.clip(counts["brand"] - _USUAL_NAMINGS, 0, _MOST_COUNTED)
    probability: npt.NDArray[np.float64] = 1.0 / (1.0 + np.exp(-score))
    filed = pc.fill_null(disclosed, fill_value=False).to_numpy(zero_copy_only=False)
    return np.where(filed, 0.0, probability), counts


def signal_bits(counts: dict[str, npt.NDArray[np.int64]]) -> npt.NDArray[np.uint8]:
    """Which signals speak for advertising in each note, as bits: what is kept of the counts."""
    bits = np.zeros(len(counts["brand"]), np.uint8)
    for place, name in enumerate(REASONS):
        bits |= (counts[name] > (_USUAL_NAMINGS if name == "brand" else 0)).astype(np.uint8) << np.uint8(place)
    return bits


def signals_of(bits: int) -> list[str]:
    """The same in words."""
    return [text for place, text in enumerate(REASONS.values()) if bits >> place & 1]


def _named(text: pa.Array, brand: pa.Array) -> npt.NDArray[np.int64]:
    """How often each text names its brand: what is missing after taking the name out, over the name's length."""
    named = np.zeros(len(text), np.int64)
    for name in pc.unique(brand.drop_null()).to_pylist():
        if name:
            rows = np.flatnonzero(pc.fill_null(pc.equal(brand, name), fill_value=False).to_numpy(zero_copy_only=False))
            found = pc.count_substring(text.take(pa.array(rows)), name, ignore_case=True)
            named[rows] = found.to_numpy(zero_copy_only=False)
    return named
