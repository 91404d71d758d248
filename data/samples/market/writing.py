"""How a note is written: openings, problems, findings and tips put together in one of several shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from data.samples.market.bank import Category, Topic, expand

Lines = Mapping[str, Sequence[str]]

_NUMBERS: Final = ["三", "四", "五", "六", "七", "八", "九"]
_DIMES: Final = ["六毛", "七毛", "八毛五", "九毛", "一块", "一块一", "一块二", "一块三"]
_DIMES2: Final = ["一块六", "一块八", "两块", "两块二", "两块五", "三块"]
_DIMES3: Final = ["两块九", "三块五", "四块", "四块五", "五块", "六块八"]
_AGES: Final = ["五个月", "七个月", "九个月", "十个月", "一岁", "一岁两个月", "一岁半", "两岁", "两岁三个月"]
_AGES2: Final = ["二十三岁", "二十五岁", "二十七岁", "二十九岁", "三十一岁", "三十四岁"]
_CITIES: Final = ["杭州", "成都", "武汉", "青岛", "长沙", "广州", "西安", "厦门", "合肥", "昆明", "沈阳", "南宁"]
_SKINS: Final = ["外油内干", "偏干", "大油皮", "混合偏油", "皮薄", "耐受尚可"]
_PRICES: Final = {"纸尿裤": (59, 139), "洗发水": (29, 99), "精华": (79, 269), "面膜": (39, 129)}
_TAGS: Final = {
    "纸尿裤": "母婴好物 育儿日常 宝妈日记 养娃经验 科学育儿 带娃日常",
    "洗发水": "洗护日常 头皮管理 头发养护 洗头日记 宿舍好物 生活记录",
    "精华": "护肤日记 护肤心得 空瓶记录 成分护肤 护肤干货 皮肤管理",
    "面膜": "护肤日常 敷膜日记 宿舍护肤 变美日记 护肤分享 生活碎片",
}
_LEADS: Final = ["其实", "说真的，", "反正", "另外，", "而且", "老实讲，", "对了，", "我发现", "坦白说，", "顺带一提，"]
_BULLETS: Final = (
    ("1.", "2.", "3.", "4.", "5.", "6."),
    ("①", "②", "③", "④", "⑤", "⑥"),
    ("✅",) * 6,
    ("·",) * 6,
    ("一、", "二、", "三、", "四、", "五、", "六、"),
)
_ASKING: Final = ("怎么", "多久", "区别", "什么", "哪个", "顺序", "刺痛", "起坨", "断层", "闷热", "可以")


@dataclass(frozen=True)
class Text:
    """What a note says."""

    title: str
    content: str
    tags: list[str]


def asks(phrase: str) -> bool:
    """Whether a phrase is a question rather than a thing."""
    return any(word in phrase for word in _ASKING)


def slots_of(category: Category, rng: Random, phrase: str) -> dict[str, str]:
    """Values of all slots for one note: one main brand, one other, figures that fit the category."""
    brand, other = rng.sample(category.brands, 2)
    low, high = _PRICES[category.name]
    return {
        "brand": brand,
        "brand2": other,
        "kw": phrase,
        "n": rng.choice(_NUMBERS),
        "n2": str(rng.choice((24, 28, 32, 36, 40, 48, 56, 60))),
        "days": str(rng.randint(4, 30)),
        "ml": str(rng.choice((80, 100, 120, 150, 200, 250, 300, 400))),
        "price": str(rng.randint(low, high)),
        "price2": str(rng.randint(19, 89)),
        "dime": rng.choice(_DIMES),
        "dime2": rng.choice(_DIMES2),
        "dime3": rng.choice(_DIMES3),
        "save": str(rng.choice((10, 15, 20, 30, 40, 50, 60))),
        "age": rng.choice(_AGES),
        "age2": rng.choice(_AGES2),
        "kg": str(rng.randint(16, 28)),
        "kg2": str(rng.randint(36, 50)),
        "cm": str(rng.randint(40, 52)),
        "cm2": str(rng.randint(58, 70)),
        "city": rng.choice(_CITIES),
        "skin": rng.choice(_SKINS),
        "oldyear": str(rng.choice((2022, 2023, 2024))),
    }


def _pick(lines: Sequence[str], count: int, rng: Random) -> list[str]:
    return rng.sample(list(lines), min(count, len(lines)))


def _sentence(line: str, rng: Random, slots: Mapping[str, str]) -> str:
    """One sentence: now and then a word before it, now and then without its last clause."""
    text = expand(line, rng, slots)
    clauses = text.split("，")
    if len(clauses) > 2 and rng.random() < 0.1 and "；" not in text and "：" not in text:
        text = "，".join(clauses[:-1])
    if rng.random() < 0.1:
        text = rng.choice(_LEADS) + text
    if text[-1] in "。！？～…":
        return text
    return text + rng.choices(("。", "！", "～", "……"), (82, 9, 6, 3))[0]


def _paragraphs(parts: Sequence[str], rng: Random) -> str:
    """Parts joined as people do: all in one, a line each, or with an empty line between some."""
    style = rng.random()
    if style < 0.35:
        return "".join(parts)
    if style < 0.7:
        return "\n".join(parts)
    out = parts[0]
    for part in parts[1:]:
        out += rng.choice(("", "\n", "\n\n")) + part
    return out


def _title(phrase: str, topic: Topic, common: Lines, rng: Random, slots: Mapping[str, str]) -> str:
    if rng.random() < 0.68 or not topic.lines:
        return expand(rng.choice(common["title_question" if asks(phrase) else "title_noun"]), rng, slots)
    clauses = expand(rng.choice(topic.lines["p"] + topic.lines["f"]), rng, slots).replace("：", "，").split("，")
    title = clauses[0] if len(clauses[0]) > 6 else "，".join(clauses[:2])
    return title[:40] + rng.choice(("", "", "！", "？", "…", rng.choice(common["emoji"])))


def _tags(phrase: str, others: Sequence[str], category: Category, rng: Random) -> list[str]:
    tags = [phrase]
    tags += rng.sample(
        [other for other in others if other != phrase] or tags, min(rng.randint(0, 3), max(1, len(others) - 1))
    )
    tags += rng.sample(_TAGS[category.name].split(), rng.randint(0, 2))
    rng.shuffle(tags)
    return list(dict.fromkeys(tags))


def write_good(category: Category, topic: Topic, phrase: str, common: Lines, rng: Random) -> Text:
    """A note with experience in it: 60 to about 500 characters."""
    slots = slots_of(category, rng, phrase)
    lines = {**category.lines, **topic.lines}
    others = topic.hashtags

    def some(key: str, least: int, most: int) -> list[str]:
        return [_sentence(line, rng, slots) for line in _pick(lines.get(key, ()), rng.randint(least, most), rng)]

    shape = rng.choices(("story", "list", "finding first", "diary", "short", "long"), (26, 22, 16, 8, 8, 20))[0]
    parts: list[str]
    if shape == "story":
        parts = some("o", 0, 1) + some("p", 1, 2) + some("f", 1, 2) + some("d", 1, 2) + some("t", 0, 2)
        parts += some("c", 0, 1) + some("e", 0, 1)
    elif shape == "list":
        points = some("f", 1, 3) + some("t", 1, 3) + some("d", 0, 2) + some("c", 0, 1)
        bullets = rng.choice(_BULLETS)
        parts = some("o", 0, 1) + some("p", 0, 1)
        parts.append("\n" + "\n".join(mark + point for mark, point in zip(bullets, points, strict=False)) + "\n")
        parts += some("e", 0, 1)
    elif shape == "finding first":
        parts = some("f", 1, 3) + some("p", 0, 1) + some("d", 0, 1) + some("t", 1, 2) + some("c", 0, 1)
    elif shape == "diary":
        first, later = rng.randint(1, 3), rng.randint(7, 20)
        parts = [*some("p", 1, 1), f"第{first}天：" + some("d", 1, 1)[0], f"第{later}天：" + some("f", 1, 1)[0]]
        parts += some("c", 0, 1) + some("e", 0, 1)
    elif shape == "short":
        parts = some("p", 0, 1) + some("f", 1, 1) + some("t", 0, 1)
    else:
        parts = some("o", 1, 1) + some("p", 1, 2) + some("f", 2, 3) + some("d", 2, 3) + some("t", 1, 3)
        parts += some("c", 1, 1) + some("e", 1, 1)
    if rng.random() < 0.35:
        parts.insert(rng.randint(0, min(1, len(parts))), _sentence(rng.choice(common["mention"]), rng, slots))
    if rng.random() < 0.12:
        parts.insert(len(parts) - 1, _sentence(rng.choice(common["aside"]), rng, slots))
    if rng.random() < 0.25:
        parts[-1] += rng.choice(common["emoji"])
    content = _paragraphs(parts, rng).strip("\n")
    tags = _tags(phrase, others, category, rng)
    if rng.random() < 0.15:
        content += "\n" + " ".join("#" + tag for tag in tags)
    return Text(_title(phrase, topic, common, rng, slots), content, tags)


def write_weak(category: Category, phrase: str, common: Lines, rng: Random) -> Text:
    """A thin note: it names the matter and says next to nothing."""
    slots = slots_of(category, rng, phrase)
    body = expand(rng.choice(common["weak_body"]), rng, slots)
    tail = expand(rng.choice(common["weak_tail"]), rng, slots)
    return Text(phrase + rng.choice(("", "？", "…", "😂")), body + rng.choice(("，", "。", "\n")) + tail, [phrase])


def write_unsure(category: Category, phrase: str, common: Lines, rng: Random) -> Text:
    """A note that neither helps nor misleads."""
    slots = slots_of(category, rng, phrase)
    lines = [
        rng.choice(common["unsure_body"]),
        *_pick(category.lines["d"], 1, rng),
        *_pick(category.lines["c"], 1, rng),
    ]
    content = "".join(_sentence(line, rng, slots) for line in lines)
    return Text(f"{rng.choice(('试了试', '记一笔', '第一次用'))}{phrase}", content, [phrase])


def write_stale(category: Category, topic: Topic, phrase: str, common: Lines, rng: Random, *, year: int) -> Text:
    """A good note of its time, with its year in it."""
    slots = {**slots_of(category, rng, phrase), "oldyear": str(year)}
    parts = [_sentence(line, rng, slots) for key in "pft" for line in _pick(topic.lines[key], 2, rng)]
    parts += [_sentence(line, rng, slots) for line in _pick(category.lines["d"], rng.randint(0, 2), rng)]
    rng.shuffle(parts)
    parts.insert(rng.randint(0, 1), _sentence(rng.choice(common["stale_mark"]), rng, slots))
    title = (
        f"{rng.choice((f'{year}年', f'{year}', ''))}{phrase}{rng.choice(('', '整理', '来了', '｜自费版', '，收好'))}"
    )
    return Text(title, _paragraphs(parts, rng), _tags(phrase, [], category, rng))


def write_ad(category: Category, phrase: str, common: Lines, rng: Random, *, disclosed: bool) -> Text:
    """An advertising note; the undisclosed one steers to a purchase and names its brand again and again."""
    slots = slots_of(category, rng, phrase)
    soft = not disclosed and rng.random() < 0.45
    if disclosed:
        keys = ["ad_disclosed"] * rng.randint(3, 4)
    elif soft:
        keys = ["ad_soft"] * rng.randint(3, 4)
    else:
        keys = ["ad_open", "ad_claim", "ad_claim", *(["ad_claim"] if rng.random() < 0.5 else []), "ad_cta"]
        keys += ["ad_cta"] if rng.random() < 0.6 else []
    used: set[str] = set()
    parts = []
    for key in keys:
        line = rng.choice([line for line in common[key] if line not in used] or list(common[key]))
        used.add(line)
        parts.append(
            expand(line, rng, slots)
            + (rng.choice("。。～") if disclosed or soft else rng.choice(("！", "！！", "。", "❗️", "🔥")))
        )
    if soft:
        parts.insert(0, _sentence(rng.choice(category.lines["o"]), rng, slots))
    if rng.random() < 0.5:
        parts.insert(1, _sentence(rng.choice(category.lines["d"]), rng, slots))
    if disclosed:
        title = f"{slots['brand']}{rng.choice(('体验', '开箱', '试用'))}｜{phrase}"
    elif soft:
        title = expand(rng.choice(common["title_noun"]), rng, slots)
    else:
        title = expand(rng.choice(common["ad_title"]), rng, slots)
    return Text(title, _paragraphs(parts, rng), [phrase, slots["brand"]])
