"""The committed figures of `bench.peers` -> the tables and charts of docs/comparison.md.

    python -m bench.comparison

The prose of the page is written by hand; what stands between two comments that name a table is
made here, and so are the charts beside the page.
"""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bench.data import RESULTS

PAGE = Path(__file__).parent.parent / "docs" / "comparison.md"
NAMES = {
    "pullquote": "Pullquote",
    "txtai": "txtai",
    "haystack": "Haystack",
    "llm": "llm",
    "cairn": "cairn-assistant",
}
QUALITY = ("first", "first 5", "MRR@10")
REFUSALS = (
    *("rightly refused", "wrongly refused", "handled right"),
    *("rightly at the same price", "area under ROC"),
)
DASH = "–"
COLOURS = ("#1f5fa8", "#6aa5dd", "#b9d4ef")
WIDTH, LEFT, RIGHT, BAR, GAP = 720, 150, 70, 15, 14

Peers = dict[str, Any]


def read() -> dict[str, Any]:
    return dict(json.loads((RESULTS / "peers.json").read_text("utf-8")))


def page(result: dict[str, Any], text: str) -> str:
    """The page with its tables made anew."""
    for name, table in TABLES.items():
        block = rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)"
        made = table(result).replace("\\", r"\\") + "\n"
        text, count = re.subn(block, made, text, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"{PAGE}: the comments of the table {name} stand there {count} times")
    return text


def rows(heads: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def versions(result: dict[str, Any]) -> str:
    body = []
    for name, peer in result["peers"].items():
        told = peer.get("error") or ", ".join(f"{k} {v}" for k, v in peer["versions"].items())
        body.append([NAMES[name], told])
    return rows(["", "installed"], body).replace("---:", "---")


def conditions(result: dict[str, Any]) -> str:
    machine, out = result["machine"], result["left out"]
    return (
        f"{machine['day']}: {machine['cores']} cores ({machine['cpu']}), {machine['memory']}, "
        f"{machine['system']}, Python {machine['python']}. {result['paragraphs']:,} paragraphs of "
        f"SQuAD's development set, {result['sentences']:,} sentences; {out['paragraphs']} "
        f"paragraphs ({out['sentences']} sentences) were left out, so that nothing answers the "
        f"{result['unanswered']} questions that were written for them. {result['answered']} "
        "questions about the others."
    )


def quality(result: dict[str, Any]) -> str:
    body = [[label, *shares(peer, "quality", QUALITY)] for label, peer in labelled(result)]
    return rows(["answering sentence", *QUALITY], body)


def refusals(result: dict[str, Any]) -> str:
    body = [[label, *shares(peer, "refusals", REFUSALS)] for label, peer in labelled(result)]
    body += [
        [f"{label}, as shipped", *shares(peer, "as shipped", REFUSALS)]
        for label, peer in labelled(result)
        if "as shipped" in peer
    ]
    return rows(["", *REFUSALS], body)


def shares(peer: Peers, part: str, columns: Sequence[str]) -> list[str]:
    of = peer.get(part, {})
    return [f"{of[column]:.3f}" if column in of else DASH for column in columns]


def labelled(result: dict[str, Any]) -> list[tuple[str, Peers]]:
    return [(NAMES[name], peer) for name, peer in result["peers"].items()]


TIMES: dict[str, tuple[Callable[[Peers], float], str]] = {
    "start to answer, s": (lambda peer: peer["ask"]["wall_s"], ".2f"),
    "the same, CPU s": (lambda peer: peer["ask"]["cpu_s"], ".2f"),
    "memory, MB": (lambda peer: peer["ask"]["peak_mb"], ".0f"),
    "warm, median ms": (lambda peer: peer["warm"]["median_ms"], ".0f"),
    "warm, p95 ms": (lambda peer: peer["warm"]["p95_ms"], ".0f"),
    "indexing, s": (lambda peer: peer["index"]["wall_s"], ".0f"),
    "indexing, CPU s": (lambda peer: peer["index"]["cpu_s"], ".0f"),
    "disk, MB": (lambda peer: peer["index"]["disk_mb"], ".0f"),
}


def speed(result: dict[str, Any]) -> str:
    ours = result["peers"]["pullquote"]
    body = []
    for name, (of, form) in TIMES.items():
        cells = [name]
        for _, peer in labelled(result):
            if "error" in peer:
                cells.append(DASH)
                continue
            ratio = "" if peer is ours else f" ({of(peer) / of(ours):.2g}x)"
            cells.append(f"{of(peer):{form}}{ratio}")
        body.append(cells)
    return rows(["", *[label for label, _ in labelled(result)]], body)


TABLES = {
    "conditions": conditions,
    "versions": versions,
    "quality": quality,
    "refusals": refusals,
    "speed": speed,
}


def charts(result: dict[str, Any]) -> dict[str, str]:
    """The charts by the names of their files."""
    able = {label: peer for label, peer in labelled(result) if "error" not in peer}
    return {
        "comparison-quality.svg": bars(
            "Where the answering sentence stands", QUALITY, pick(able, "quality", QUALITY)
        ),
        "comparison-refusals.svg": bars(
            "Refusals, each threshold tuned on the same questions",
            REFUSALS[:3],
            pick(able, "refusals", REFUSALS[:3]),
        ),
        "comparison-speed.svg": bars(
            "From the start of the process to the answer, seconds",
            ("wall time", "CPU time"),
            pick(able, "ask", ("wall_s", "cpu_s")),
        ),
    }


def pick(able: Peers, part: str, columns: Sequence[str]) -> dict[str, list[float]]:
    return {label: [peer[part][column] for column in columns] for label, peer in able.items()}


def bars(title: str, series: Sequence[str], values: dict[str, list[float]]) -> str:
    """An SVG of horizontal bars: a group for each label, a bar in it for each series."""
    most = max(max(group) for group in values.values())
    unit = (WIDTH - LEFT - RIGHT) / max(most, 1.0)
    shapes = [text(16, 24, title, size=15, weight=700)]
    for number, name in enumerate(series):
        x = LEFT + number * 150
        shapes += [rect(x, 38, 12, 12, number), text(x + 18, 48, name)]
    y = 66
    for label, group in values.items():
        middle = y + BAR * len(group) / 2 + 4
        shapes.append(text(LEFT - 10, middle, label, anchor="end"))
        for number, value in enumerate(group):
            shapes.append(rect(LEFT, y, value * unit, BAR - 2, number))
            shapes.append(text(LEFT + value * unit + 6, y + BAR - 4, f"{value:.3g}"))
            y += BAR
        y += GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'font-family="Helvetica, Arial, sans-serif">\n<title>{escape(title)}</title>'
    )
    return "\n".join(
        [head, f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>', *shapes, "</svg>\n"]
    )


def rect(x: float, y: float, width: float, height: float, series: int) -> str:
    colour = COLOURS[series]
    return f'<rect x="{x}" y="{y}" width="{width:.1f}" height="{height}" fill="{colour}"/>'


def text(
    x: float, y: float, words: str, *, size: int = 12, weight: int = 400, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="#222">{escape(words)}</text>'
    )


def write() -> None:
    """Bring the page and its charts up to date with the figures."""
    result = read()
    PAGE.write_text(page(result, PAGE.read_text("utf-8")), "utf-8")
    for name, svg in charts(result).items():
        (PAGE.parent / name).write_text(svg, "utf-8")


if __name__ == "__main__":
    write()
