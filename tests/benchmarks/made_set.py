"""A labelled set made up for tests: sixty queries of two words each, and titles that answer most of them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.truth.data import PAIRS, Labelled, read_pairs

THINGS = ("纸尿裤", "洗发水", "面膜", "奶粉", "口红", "跑鞋", "帐篷", "咖啡", "吸尘器", "猫粮")
WISHES = ("透气", "去屑", "敏感肌", "便宜", "防水", "静音")
ANSWER = "{thing}{wish}这件事我用了三个月来说说{wish}的{thing}值不值得买"
NEAR = "{thing}收纳柜安装教程"


def rows() -> list[tuple[str, str, int]]:
    """``(query, title, label)``: every third wish was only answered by something else."""
    made = []
    for thing in THINGS:
        for number, wish in enumerate(WISHES):
            text = NEAR if number % 3 == 2 else ANSWER
            made.append(
                (f"{thing}{wish}", text.format(thing=thing, wish=wish), 0 if number % 3 == 2 else 1 + number % 2)
            )
    return made


def write_set(folder: Path) -> Path:
    """The set as a file of labelled pairs; one title stands there twice, in other characters."""
    lines = ["id\tquery\ttitle\tlabel"]
    lines += [f"{number * 3}\t{query}\t{title}\t{label}" for number, (query, title, label) in enumerate(rows())]
    first = rows()[0][1]
    lines.append(f"999\t{THINGS[1]}{WISHES[0]} 哪个好\t{first.replace('这', '這')} \t0")
    path = folder / PAIRS
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def made_set(folder: Path) -> Labelled:
    """The same, read."""
    return read_pairs(write_set(folder))
