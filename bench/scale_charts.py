"""The committed figures of ``bench.scale`` -> the tables and charts of docs/scale.md.

    python -m bench.scale_charts

The prose of the page is written by hand; what stands between two comments that name a table is
made here, and so are the charts beside the page.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bench.comparison import rows, text
from bench.data import RESULTS

PAGE = Path(__file__).parent.parent / "docs" / "scale.md"
COLOURS = (
    "#1f5fa8",
    "#6aa5dd",
    "#b9d4ef",
    "#d98b2b",
    "#f0c886",
    "#7a7a7a",
    "#b5b5b5",
    "#d9d9d9",
    "#4f8f4f",
)
WIDTH, LEFT, RIGHT, BAR, GAP, COLUMN = 720, 90, 80, 26, 12, 210
STAGES = (
    "encode",
    "search vectors",
    "search words",
    "score candidates",
    "fetch candidates",
    "the rest",
    "read",
    "the whole answer",
)
Figures = dict[str, Any]


def sizes_with(result: Figures, part: str) -> dict[str, Figures]:
    """The figures of one part, by the number of sentences."""
    return {
        f"{int(size):,}": parts[part] for size, parts in result["sizes"].items() if part in parts
    }


def building(result: Figures) -> str:
    of = sizes_with(result, "build")
    body = [["articles", *(f"{each['articles']:,}" for each in of.values())]]
    for stage in dict.fromkeys(
        stage for each in of.values() for stage in each["wall and CPU seconds"]
    ):
        laps = [each["wall and CPU seconds"].get(stage) for each in of.values()]
        body.append([stage, *("" if lap is None else f"{lap[1]:.1f}" for lap in laps)])
    body.append(["the whole, wall time", *(
        f"{each['wall and CPU seconds']['whole'][0]:.0f}" for each in of.values()
    )])  # fmt: skip
    body.append(["highest memory, MB", *(str(each["peak_mb"]) for each in of.values())])
    return rows(["CPU seconds", *of], body)


def kinds(result: Figures) -> str:
    body = []
    for size, figures in sizes_with(result, "build").items():
        segments = figures["segments"]
        coded = [each for each in segments if each["candidates"]]
        if not coded:
            body.append([size, f"0 of {len(segments)}", "every row", "exact"])
            continue
        least, most = (end(each["recall"] for each in coded) for end in (min, max))
        named = " or ".join(sorted({str(each["candidates"]) for each in coded}))
        body.append([size, f"{len(coded)} of {len(segments)}", named, f"{least:.3f} to {most:.3f}"])
    return rows(["sentences", "segments with codes", "candidates", "recall as built"], body)


def nearness(result: Figures) -> str:
    of = {size: each["vectors"] for size, each in sizes_with(result, "ask").items()}
    body = [
        [f"recall of the nearest {number}", *(f"{each[key]:.4f}" for each in of.values())]
        for number, key in ((10, "recall of 10"), (100, "recall of 100"))
    ]
    laps = {size: each["median ms, wall and CPU"] for size, each in of.items()}
    body += [
        [f"{name}, ms", *(f"{each[name][1]:.2f}" for each in laps.values())]
        for name in next(iter(laps.values()))
    ]
    return rows(["", *of], body)


def asking(result: Figures) -> str:
    of = sizes_with(result, "ask")
    body = []
    for stage in (*STAGES, "encode with sentence-transformers"):
        cells = [each["milliseconds"][stage] for each in of.values()]
        body.append(
            [stage, *(f"{c['median']:.1f} / {c['p95']:.1f} / {c['median CPU']:.1f}" for c in cells)]
        )
    for name in ("the whole answer", "without reading"):
        ratios = [each["times sentence-transformers"][name] for each in of.values()]
        body.append(
            [f"**{name}, times that**", *(f"{r['wall']:.1f} / – / {r['CPU']:.1f}" for r in ratios)]
        )
    return rows(["ms: median / p95 / CPU", *of], body)


def memory(result: Figures) -> str:
    opened, asked = sizes_with(result, "open"), sizes_with(result, "ask")
    sizes = [size for size in opened if size in asked]
    of = [(opened[size], asked[size]["memory_mb"]) for size in sizes]
    body = [
        ["to open, ms", *(f"{each['median_ms']:.0f}" for each, _ in of)],
        ["before opening: RSS", *(str(each["memory before_mb"]["Rss"]) for each, _ in of)],
        ["opened: RSS", *(str(each["memory after_mb"]["Rss"]) for each, _ in of)],
        ["of that, its own", *(str(each["memory after_mb"]["Anonymous"]) for each, _ in of)],
        ["after 120 questions: RSS", *(str(each["Rss"]) for _, each in of)],
        ["PSS", *(str(each["Pss"]) for _, each in of)],
        ["of that, its own", *(str(each["Anonymous"]) for _, each in of)],
    ]
    return rows(["MB", *sizes], body)


def adding(result: Figures) -> str:
    of = sizes_with(result, "add")
    names = {
        "process_s": "the whole process, s",
        "slowest process_s": "slowest of five, s",
        "start alone_s": "of that, starting, s",
        "cpu_s": "CPU time, s",
        "peak_mb": "highest memory, MB",
    }
    body = [[told, *(str(each[name]) for each in of.values())] for name, told in names.items()]
    body.append(["sentences embedded", *(
        ", ".join(map(str, sorted(set(each["embedded each time"])))) for each in of.values()
    )])  # fmt: skip
    inside = [each["one more within a process, wall and CPU seconds"] for each in of.values()]
    body += [
        [f"{stage}, CPU s", *(f"{each[stage][1]:.2f}" for each in inside)] for stage in inside[0]
    ]
    return rows(["", *of], body)


def disk(result: Figures) -> str:
    of = {size: each["disk_mb"] for size, each in sizes_with(result, "build").items()}
    parts = list(next(iter(of.values())))
    body = [[part, *(str(each[part]) for each in of.values())] for part in parts]
    body.append(["**together**", *(str(sum(each.values())) for each in of.values())])
    return rows(["MB", *of], body)


TABLES = {
    "building": building,
    "kinds": kinds,
    "nearness": nearness,
    "asking": asking,
    "memory": memory,
    "adding": adding,
    "disk": disk,
}


def page(result: Figures, words: str) -> str:
    """The page with its tables made anew."""
    for name, table in TABLES.items():
        block = rf"(<!-- {name} -->\n).*?(\n?<!-- /{name} -->)"
        made = table(result) + "\n"
        words, count = re.subn(block, rf"\g<1>{made}<!-- /{name} -->", words, flags=re.DOTALL)
        if count != 1:
            raise ValueError(f"{PAGE}: the comments of the table {name} stand there {count} times")
    return words


def charts(result: Figures) -> dict[str, str]:
    """The charts by the names of their files."""
    build, ask = sizes_with(result, "build"), sizes_with(result, "ask")
    spent = {size: dict(each["wall and CPU seconds"]) for size, each in build.items()}
    stages = list(dict.fromkeys(s for each in spent.values() for s in each if s != "whole"))
    parts = list(next(iter(build.values()))["disk_mb"])
    searching = STAGES[:6]
    return {
        "scale-building.svg": stacked(
            "Indexing, embeddings at hand: CPU seconds",
            stages,
            {size: [each.get(s, [0, 0])[1] for s in stages] for size, each in spent.items()},
        ),
        "scale-asking.svg": stacked(
            "A question without reading: CPU milliseconds, medians",
            searching,
            {
                size: [each["milliseconds"][s]["median CPU"] for s in searching]
                for size, each in ask.items()
            },
        ),
        "scale-memory.svg": stacked(
            "Memory after 120 questions, MB",
            ["its own", "files that are mapped"],
            {
                size: [m["Anonymous"], m["Rss"] - m["Anonymous"]]
                for size, m in ((size, each["memory_mb"]) for size, each in ask.items())
            },
        ),
        "scale-disk.svg": stacked(
            "On disk, MB",
            parts,
            {size: [each["disk_mb"][p] for p in parts] for size, each in build.items()},
        ),
    }


def stacked(title: str, series: Sequence[str], values: dict[str, list[float]]) -> str:
    """An SVG of horizontal bars, one for each label, in it a piece for each series."""
    most = max(sum(pieces) for pieces in values.values())
    unit = (WIDTH - LEFT - RIGHT) / most
    shapes = [text(16, 24, title, size=15, weight=700)]
    across = (WIDTH - 16) // COLUMN
    for number, name in enumerate(series):
        x, y = 16 + number % across * COLUMN, 38 + number // across * 18
        shapes += [rect(x, y, 12, 12, number), text(x + 18, y + 10, name)]
    y = 50 + -(-len(series) // across) * 18
    for label, pieces in values.items():
        shapes.append(text(LEFT - 10, y + BAR / 2 + 4, label, anchor="end"))
        x = float(LEFT)
        for number, value in enumerate(pieces):
            shapes.append(rect(x, y, value * unit, BAR, number))
            x += value * unit
        shapes.append(text(x + 6, y + BAR / 2 + 4, f"{sum(pieces):,.3g}" if most < 100 else
                           f"{sum(pieces):,.0f}"))  # fmt: skip
        y += BAR + GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'font-family="Helvetica, Arial, sans-serif">\n<title>{escape(title)}</title>'
    )
    return "\n".join(
        [head, f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>', *shapes, "</svg>\n"]
    )


def rect(x: float, y: float, width: float, height: float, series: int) -> str:
    colour = COLOURS[series]
    return f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" fill="{colour}"/>'


def write() -> None:
    """Bring the page and its charts up to date with the figures."""
    result = dict(json.loads((RESULTS / "scale.json").read_text("utf-8")))
    PAGE.write_text(page(result, PAGE.read_text("utf-8")), "utf-8")
    for name, svg in charts(result).items():
        (PAGE.parent / name).write_text(svg, "utf-8")


if __name__ == "__main__":
    write()
