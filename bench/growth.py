"""Hostile input, doubled four times: the time for it may grow as n log n does, not as n squared.

    python -m bench.fuzz --quadratic [--inputs 2000] [--seed 1]

Each input is a few pieces, chosen by a seed from what the grammar of its kind is made of, repeated
to 16,000 characters, then to twice, four, eight and sixteen times as many. What is measured is the
processor time of the largest against that of a quarter of it: at most ``SLACK`` times what n log n
allows. Times below ``FLOOR_S`` count as that; what seems too slow is measured three times, and the
best of these counts, because other programs run beside.
"""

from __future__ import annotations

import json
import math
import random
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import process_time as processor_time

from bench import fuzz
from index.ask.check import _ways
from index.english import dates, segment
from index.errors import ArticleError
from index.formats import distinct, read
from index.records import Receipt
from index.web import feeds, urls

SIZE = 16_000
DOUBLINGS = 4
SLACK = 2.0
FLOOR_S = 0.02
PATIENCE_S = 60.0
"""Processor time for one input in all its sizes."""

WORDS = (
    *("a", "A", "é", " ", "\n", ".", ". ", ", ", "-", "\u00ad", "…", "... ", "( ... ) ", '"', "“"),
    *(
        "said ",
        "on Monday ",
        "Monday, ",
        "U.S. ",
        "A.",
        "1",
        "a" * 50,
        " " * 50,
        "LONDON ",
        "(AP) ",
    ),
    *("\t", "\r\n", "\u2028", "’", "to ", "Inc. ", "#", "%", "[", "…"),
)
TAGS = (
    *(
        "<p>",
        "</p>",
        "<div ",
        ">",
        "<",
        "&",
        "&amp;",
        "&#",
        "=",
        "='",
        '="',
        "'",
        '"',
        "/>",
        "a=1 ",
    ),
    *("<a href='x'>", "<li>", "<table><tr><td>", "<!--", "-->", "<script>", "</script>", "<link "),
    *("<meta charset=", "<b>", "</b>", "<br>", "<time datetime='2016-12-08'>", "<![CDATA[", "]]>"),
)
FEED = (
    *(
        "<item>",
        "</item>",
        "<link>/a</link>",
        "<link>ftp://a</link>",
        "<title>",
        "</title>",
        "<a:b ",
    ),
    *("xmlns:x='y' ", "<pubDate>8 Dec 2016</pubDate>", "<dc:creator>A</dc:creator>", "<guid>"),
    *("<category term='a'/>", "<author>a@b (C)</author>", "<entry>", "</entry>", "<content>"),
)
DRAWN = (
    *("(a) Tj ", "(word) Tj T* ", "(a-) Tj T* ", "q ", "Q ", "[(a) 1 (b)] TJ ", "BT ", "ET ", "1 "),
    *("/F1 9 Tf ", "<61> Tj ", "(", ")", "[", "<<", ">>", "T* ", "0 0 Td ", "/X Do "),
)


@dataclass(frozen=True, slots=True)
class Growth:
    """How the time of one input grew; ``factor`` is that of the last two doublings."""

    number: int
    kind: str
    seconds: tuple[float, ...]
    factor: float
    allowed: float

    @property
    def fault(self) -> bool:
        return self.factor > self.allowed


def archive(suffix: str, begin: str, end: str, between: str = "") -> Callable[[str], None]:
    """Read the text as a file of this suffix, between a beginning and an end."""

    def do(text: str) -> None:
        read_as(suffix, f"{begin}{text}{between}{end}".encode())

    return do


def read_as(suffix: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{suffix}")
        path.write_bytes(data)
        with suppress(ArticleError):
            for _ in read(path, path.name):
                pass


def names(text: str) -> None:
    """As the name of a file, a URL, a receipt, and the id of a record."""
    distinct(text)
    for url in (f"http://{text}/", f"http://a.example/{text}"):
        with suppress(urls.FetchError):
            urls.clean(url)
    with suppress(ValueError):
        Receipt.parse(text)
    read_as(".jsonl", json.dumps({"id": text, "author": text, "title": text, "text": "a"}).encode())


def words(text: str) -> None:
    """As an article's text, and as what someone has checked."""
    for start, end, _ in segment.segment(text):
        dates.mentions(text[start:end], date(2016, 12, 8))
    dates.mentions(text, date(2016, 12, 8))
    _ways(text)


def feed(text: str) -> None:
    data = f"<rss version='2.0'><channel>{text}</channel></rss>".encode()
    with suppress(urls.FetchError):
        feeds.parse(data, "http://a.example/", "application/rss+xml", date(2016, 12, 8))


def page_links(text: str) -> None:
    list(urls.links(text.encode(), "canonical"))
    read_as(".html", fuzz.PAGE.replace("<h1>", text + "<h1>").encode())


def records(text: str) -> None:
    """One record a piece, with and without an id."""
    lines = (json.dumps({"id": piece, "text": f"a {piece}"}) for piece in text.split("\n"))
    read_as(".jsonl", "\n".join(lines).encode())


def web_archive(text: str) -> None:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    one = [fuzz.warc_record(http + piece.encode()) for piece in text.split("<p>")[:200]]
    read_as(".warc", b"".join(one) + text.encode())


def document(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    body = escaped.replace("\n", "</w:t></w:r></w:p><w:p><w:r><w:t>")
    rng = random.Random(1)
    read_as(".docx", fuzz.docx(rng, f"<w:p><w:r><w:t>{body}</w:t></w:r></w:p>"))


KINDS: dict[str, tuple[Callable[[str], None], tuple[str, ...]]] = {
    "names": (names, (*WORDS, "/", "..", ".jsonl", "%2e", "ß", "@", ":", "?")),
    "text": (words, WORDS),
    "jsonl": (archive(".jsonl", "", ""), ("{", "}", '{"text": "a"}\n', "[", '"', "\n", "x\n", "9")),
    "records": (records, (*WORDS, "\n")),
    "csv": (archive(".csv", "id,text\n", ""), (",", '"', "\n", "1,a\n", '1,"', "a", '""')),
    "json": (archive(".json", "[", "]"), ("{},", '{"text": "a"},', "[", "]", "1,", '"a",', '"')),
    "markdown": (
        archive(".md", "---\n", "\n---\nA."),
        ("a: b\n", "- a\n", "[", "{", "'", " ", "&a "),
    ),
    "warc": (web_archive, (*TAGS, *WORDS)),
    "pdf": (lambda text: read_as(".pdf", fuzz.pdf_with(text.encode())), DRAWN),
    "docx": (document, WORDS),
    "feed": (feed, (*FEED, *TAGS)),
    "html": (page_links, (*TAGS, *WORDS)),
}


def made(seed: int, number: int) -> tuple[str, str]:
    """The kind of an input, and the piece that is repeated."""
    rng = random.Random(f"growth:{seed}:{number}")
    kind = sorted(KINDS)[number % len(KINDS)]
    pieces = KINDS[kind][1]
    return kind, "".join(rng.choice(pieces) for _ in range(rng.choice([1, 1, 2, 3, 8])))


class TooSlowError(BaseException):
    """Raised from outside; no reader catches it."""


def give_up(*_: object) -> None:
    raise TooSlowError


def measured(seed: int, number: int) -> Growth:
    """Measure one input; again if it seems too slow."""
    kind, piece = made(seed, number)
    size = SIZE * 2**DOUBLINGS
    allowed = SLACK * 4 * math.log(size) / math.log(size / 4)
    best = Growth(number, kind, (math.inf,), math.inf, allowed)
    signal.signal(signal.SIGPROF, give_up)
    for _ in range(3):
        signal.setitimer(signal.ITIMER_PROF, PATIENCE_S)
        try:
            seconds = tuple(doubled(KINDS[kind][0], piece))
        except TooSlowError:
            break
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        grown = Growth(number, kind, seconds, seconds[-1] / seconds[-3], allowed)
        best = min(best, grown, key=lambda each: each.factor)
        if not best.fault:
            break
    return best


def doubled(do: Callable[[str], None], piece: str) -> Iterator[float]:
    """Yield the processor time for each size."""
    for doubling in range(DOUBLINGS + 1):
        text = piece * (SIZE * 2**doubling // len(piece))
        begun = processor_time()
        do(text)
        yield max(processor_time() - begun, FLOOR_S)


def run(seed: int, inputs: int, workers: int) -> int:
    """Measure inputs; print how each kind did, and what grew too fast. Return the exit code."""
    found: list[Growth] = []
    with get_context("spawn").Pool(workers, maxtasksperchild=200) as pool:
        for each in pool.imap_unordered(partial(measured, seed), range(inputs)):
            found.append(each)
            if each.fault:
                print(f"  {each} {made(seed, each.number)[1]!r}", flush=True)
    print(f"{'kind':10} {'inputs':>7} {'greatest growth':>16} {'allowed':>8} {'slowest s':>10}")
    for kind in sorted(KINDS):
        own = [each for each in found if each.kind == kind]
        if own:
            greatest, slowest = max(e.factor for e in own), max(e.seconds[-1] for e in own)
            allowed = own[0].allowed
            print(f"{kind:10} {len(own):7} {greatest:16.1f} {allowed:8.1f} {slowest:10.2f}")
    faults = [each for each in found if each.fault]
    print(f"{len(faults)} of {len(found)} grew faster than n log n by more than {SLACK:g}")
    kept = Path(__file__).parent / "results" / "growth.json"
    summary = {
        kind: {
            "inputs": sum(e.kind == kind for e in found),
            "greatest_growth": round(max(e.factor for e in found if e.kind == kind), 2),
            "slowest_s": round(max(e.seconds[-1] for e in found if e.kind == kind), 2),
        }
        for kind in sorted({e.kind for e in found})
    }
    told = {"seed": seed, "inputs": inputs, "faults": len(faults), "kinds": summary}
    kept.write_text(json.dumps(told, indent=1) + "\n")
    return 1 if faults else 0
