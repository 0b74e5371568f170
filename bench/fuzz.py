"""Damaged, hostile and odd files through every reader: each must end in articles or named errors.

    python -m bench.fuzz [--inputs 5000] [--seed 1] [--keep FOLDER]
    python -m bench.fuzz --quadratic [--inputs 2000]

Inputs are made from a seed, so that one that fails can be made again; it is also kept. Each is read
in a worker process whose address space is bounded, and has so many seconds; what is taken is held
to what every article promises: text that can be stored, ids that are unique and begin with the
name of the file, and dates that are dates.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import resource
import signal
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from index.errors import ArticleError
from index.formats import SUFFIXES, read
from index.formats.source import has_words
from index.records import Article

SECONDS = 20
"""Processor time that one input may take; a worker that is silent for three times as long is ended,
which ends the run, and leaves its input in the folder."""

MEMORY = 1_000_000_000
"""Bytes by which reading one input may raise the worker's greatest resident memory."""

PROSE = (
    "LONDON, March 3, 1987 (Reuters) - The council voted by 31 to 18 on Tuesday to keep the tram.\n"
    "“Nobody takes a bus to the café on the pier,” said Councillor Ruth Anselm. 市長は辞任した。\n"
)
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Tram</title>'
    '<meta property="article:published_time" content="2016-12-08T10:00:00Z">'
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Tram"}</script>'
    f"</head><body><article><h1>Tram</h1><p>{PROSE * 3}</p></article></body></html>"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one input ended; ``fault`` says what no reader may do."""

    number: int
    kind: str
    articles: int
    errors: int
    seconds: float
    memory: int
    fault: str | None


def record(rng: random.Random, number: int) -> dict[str, object]:
    return {
        "id": f"r{number}",
        "title": "Tram stays",
        "text": PROSE * rng.randint(1, 3),
        "published": "2016-12-08",
        "outlet": "Courier",
        "url": f"https://courier.example/{number}",
    }


def pdf(rng: random.Random) -> bytes:
    """A PDF with pages of text, written here, so that every part of it can be bent."""
    lines = [f"({line[:80]}) Tj T*" for line in PROSE.encode("ascii", "ignore").decode().split(".")]
    content = "BT /F1 12 Tf 72 720 Td 14 TL " + " ".join(lines * rng.randint(1, 5)) + " ET"
    stream = zlib.compress(content.encode())
    pages = rng.randint(1, 3)
    kids = " ".join(f"{4 + page} 0 R" for page in range(pages))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {4 + pages} 0 R "
            "/Resources << /Font << /F1 3 0 R >> /XObject << /X 99 0 R >> >> >>".encode()
            for _ in range(pages)
        ),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(stream), stream),
    ]
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\n" % (len(bodies) + 1))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def docx(rng: random.Random, extra: str = "") -> bytes:
    import docx as python_docx

    document = python_docx.Document()
    document.core_properties.title = "Tram stays"
    for line in (PROSE * rng.randint(1, 3)).splitlines():
        document.add_paragraph(line)
    document.add_table(2, 2).cell(1, 1).text = "31 to 18"
    out = io.BytesIO()
    document.save(out)
    if not extra:
        return out.getvalue()
    bent = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(bent, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "word/document.xml":
                data = data.replace(b"<w:body>", b"<w:body>" + extra.encode())
            new.writestr(part.filename, data)
    return bent.getvalue()


def warc(rng: random.Random, *, packed: bool) -> bytes:
    """An archive with pages, a redirect and metadata."""
    out = []
    for number in range(rng.randint(1, 4)):
        uri = f"https://courier.example/{number % 3}"
        body = PAGE.encode()
        headers = f"Content-Type: text/html; charset={rng.choice(['utf-8', 'latin1', 'x'])}\r\n"
        if rng.random() < 0.3:
            body, headers = gzip.compress(body), headers + "Content-Encoding: gzip\r\n"
        if rng.random() < 0.3:
            half = len(body) // 2
            body = b"".join(b"%x\r\n%b\r\n" % (len(b), b) for b in (body[:half], body[half:], b""))
            headers += "Transfer-Encoding: chunked\r\n"
        http = f"HTTP/1.1 {rng.choice([200, 200, 301])} OK\r\n{headers}\r\n".encode() + body
        said = json.dumps({"title": "T", "published": "2016-12-08", "outlet": "C"}).encode()
        for kind, type_, content in (
            ("response", "application/http;msgtype=response", http),
            ("metadata", "application/json", said),
        ):
            head = (
                f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\n"
                f"Content-Type: {type_}\r\nContent-Length: {len(content)}\r\n\r\n"
            )
            whole = head.encode() + content + b"\r\n\r\n"
            out.append(gzip.compress(whole) if packed else whole)
    return b"".join(out)


def table(rng: random.Random) -> bytes:
    import csv

    out = io.StringIO()
    rows = [record(rng, number) for number in range(rng.randint(1, 5))]
    writer = csv.DictWriter(out, list(rows[0]), delimiter=rng.choice(",;\t"))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def valid(rng: random.Random, suffix: str) -> bytes:
    """A file of this kind as it should be."""
    records = [record(rng, number) for number in range(rng.randint(1, 5))]
    lines = "\n".join(json.dumps(each, ensure_ascii=rng.random() < 0.5) for each in records)
    makers: dict[str, Callable[[], bytes]] = {
        ".md": lambda: f"---\ntitle: Tram\ndate: 2016-12-08\n---\n{PROSE}".encode(),
        ".jsonl": lines.encode,
        ".jsonl.gz": lambda: gzip.compress(lines.encode()),
        ".json": lambda: json.dumps(
            rng.choice([records, records[0], {"articles": records}])
        ).encode(),
        ".csv": lambda: table(rng),
        ".html": PAGE.encode,
        ".warc": lambda: warc(rng, packed=False),
        ".warc.gz": lambda: warc(rng, packed=True),
        ".pdf": lambda: pdf(rng),
        ".docx": lambda: docx(rng),
    }
    kind = {".markdown": ".md", ".htm": ".html"}.get(suffix, suffix)
    return makers.get(kind, (PROSE * 3).encode)()


TOKENS = (
    *(b"\0", b"\r", b"\n", b'"', b"'", b",", b";", b"\t", b"{", b"}", b"[", b"]", b"<", b">", b"&"),
    *(b"\\ud800", b"\\u0000", b"\\udc00\\ud800", b"1e999", b"NaN", b"-", b"9" * 5000, b"null"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xed\xa0\x80", b"\xe9", b"\x81", b"\x1b[2J"),
    *(b"---\n", b"title: &a [*a]\n", b"date: 2016-02-30\n", b"#", b"<!--", b"]]>", b"<p>", b"&#0;"),
    *(b"&#xD800;", b"<meta charset=hex>", b"http://[", b"<table>", b"<script>", b"</script>"),
    *(b"0 obj", b"endobj", b"stream\n", b"endstream", b"<<", b">>", b"/Kids [2 0 R]", b"xref\n"),
    *(b"trailer", b"/Prev 0", b"/Length 99999999", b"/Encrypt 1 0 R", b"/Count 999999999"),
    *(b"/Filter [" + b"/FlateDecode " * 30 + b"]", b"BT", b"ET", b"BI ID", b"q " * 500, b"/X Do "),
    *(b"WARC/1.0\r\n", b"Content-Length: 999999999999\r\n", b"Content-Length: -1\r\n"),
    *(b"\r\n\r\n", b"Transfer-Encoding: chunked\r\n", b"ffffffff\r\n", b"-5\r\n", b"PK\x03\x04"),
    *(b"PK\x01\x02", b"PK\x05\x06", b"\x1f\x8b\x08", b"Content-Encoding: br\r\n"),
)


def mutated(rng: random.Random, data: bytes) -> bytes:
    """The bytes with a few faults in them."""
    bent = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        size = max(len(bent), 1)
        at = rng.randrange(size)
        match rng.randrange(7):
            case 0 if bent:
                bent[at] ^= 1 << rng.randrange(8)
            case 1:
                del bent[at : at + rng.choice([1, 4, 100, size])]
            case 2:
                bent[at:at] = rng.choice(TOKENS)
            case 3:
                bent[at : at + rng.randrange(20)] = rng.randbytes(rng.randrange(20))
            case 4:
                source = rng.randrange(size)
                bent[at:at] = bent[source : source + rng.randrange(1, 500)]
            case 5:
                bent[at:at] = rng.choice(TOKENS) * rng.choice([2, 100, 5000])
            case _:
                other = rng.randrange(size)
                bent[at : at + 8], bent[other : other + 8] = (
                    bent[other : other + 8],
                    bent[at : at + 8],
                )
    return bytes(bent[:20_000_000])


def hostile(rng: random.Random, suffix: str) -> bytes:
    """A file made to hurt: bombs, endless nesting, huge fields."""
    many = rng.choice([1_000, 1_000, 30_000, 30_000, 300_000])
    common = [
        lambda: b"",
        lambda: rng.randbytes(rng.choice([1, 100, 100_000])),
        lambda: b"[" * many,
        lambda: b"a" * (many * 20),
        lambda: b"\n" * (many * 10),
        lambda: PROSE.encode(rng.choice(["utf-16", "utf-32", "utf-16-be", "utf-7"])),
        lambda: PROSE.encode(rng.choice(["cp1252", "koi8-r", "cp932", "cp037"]), "ignore") * 9,
        lambda: valid(rng, rng.choice(sorted(SUFFIXES))),
        lambda: b"\xff\xfe" + rng.randbytes(many),
    ]
    line = json.dumps(record(rng, 0)).encode()
    own: dict[str, list[Callable[[], bytes]]] = {
        ".jsonl": [
            lambda: b"{}\n" * many,
            lambda: b'{"text": "a"}\n' * many,
            lambda: b'{"text": "a", "x": ' + b"[" * many + b"]" * many + b"}",
            lambda: b'{"text": "a", "n": ' + b"9" * many + b"}\n" + line,
            lambda: b'{"text": "\\ud800", "id": "\\udfff", "title": "\\u0000"}\n' + line,
        ],
        ".json": [
            lambda: b"[" + b"{}," * many + b"{}]",
            lambda: b"[" + b'{"":0},' * (many * 5) + b"0]",
            lambda: b'{"articles": ' * (many // 10) + b"1",
            lambda: b'{"text": "a' + b"\\ud83d\\ude00" * many + b'"}',
        ],
        ".csv": [
            lambda: b"text" + b"," * many + b"\n" + b"a," * many,
            lambda: b'id,text\n1,"' + b"a" * (many * 60),
            lambda: b"text\n" + b"a\n" * many,
            lambda: b"text,text\n" + b"a,b\n" * many,
            lambda: b'"text"\n' + b'""""\n' * many,
        ],
        ".html": [
            lambda: b"<div>" * many + b"word",
            lambda: b"<p>a<table><tr><td>" * (many // 10),
            lambda: b"<html><body>" + b"<p>A word of news.</p>" * (many // 10),
            lambda: b"<a href='http://a.example/'>" * (many // 10) + b"word",
            lambda: b"<!--" * many + PAGE.encode(),
            lambda: b"<meta " + b"charset " * many + PAGE.encode(),
            lambda: b"<article><p>" + b"x" * many + b"&amp;" * many,
            lambda: b"<ul><li>" * 200 + b"a word " * (many // 10),
        ],
        ".md": [
            lambda: b"---\na: &a [x,x]\n" + b"b: &b [*a,*a,*a]\n" * 40 + b"---\nBody",
            lambda: b"---\n" + b"- " * min(many, 30_000) + b"\n---\nBody",
            lambda: b"---\ntitle: " + b"[" * min(many, 3_000) + b"\n---\nBody",
        ],
        ".warc": [
            lambda: b"WARC/1.0\r\n" + b"A: b\r\n" * many,
            lambda: b"WARC/1.0\r\nA: " + b"b" * (many * 20),
            lambda: b"\r\n" * (many * 10),
            lambda: warc_record(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"<p>" + b"a" * (many * 200))
            ),
            lambda: warc_record(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * (many // 10)
            ),
            lambda: warc_record(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", 10**13),
            lambda: warc_record(b"") * (many // 100),
        ],
        ".pdf": [
            lambda: pdf_with(b"q " * many),
            lambda: pdf_with(b"BT /F1 9 Tf " + b"(a) Tj " * many + b"ET"),
            lambda: pdf_with(b"[" * many),
            lambda: pdf_with(b"<<" * many),
            lambda: pdf_with(b"/X Do " * (many // 100)),
            lambda: pdf_with(b"0" * (many * 60)),
            lambda: pdf_with(b"(" * many),
            lambda: pdf(rng).replace(b"/Count ", b"/Count 99999999"),
            lambda: pdf(rng).replace(b"/Kids [", b"/Kids [" + b"2 0 R 4 0 R " * (many // 10)),
            lambda: pdf(rng).replace(b"startxref", b"trailer << /Prev 9 >> startxref"),
        ],
        ".docx": [
            lambda: docx(rng, "<w:p>" * min(many, 30_000)),
            lambda: docx(rng, "<w:p/>" * many),
            lambda: docx(rng, "<w:p><w:r><w:t>" + "a" * (many * 30) + "</w:t></w:r></w:p>"),
            lambda: docx(rng, "<w:p><w:r><w:tab/></w:r></w:p>" * (many // 10)),
            lambda: zipped({"word/document.xml": b"a" * (many * 400)}),
            lambda: zipped({f"{number}.xml": b"" for number in range(many // 10)}),
            lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + rng.randbytes(1000),
            lambda: entities(docx(rng)),
        ],
    }
    kind = {".markdown": ".md", ".htm": ".html"}.get(suffix, suffix)
    data = rng.choice(common + own.get(kind.removesuffix(".gz"), []) * 2)()
    if suffix.endswith(".gz") and rng.random() < 0.8:
        return gzip.compress(data)
    return data


def warc_record(content: bytes, length: int | None = None) -> bytes:
    size = len(content) if length is None else length
    return (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n"
        b"Content-Type: application/http\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n" % (size, content)
    )


def pdf_with(content: bytes) -> bytes:
    """A PDF of one page that draws this, and a form X that draws itself twenty times."""
    packed = zlib.compress(content)
    form = b"/X Do (word) Tj " * 20
    return b"".join(
        (
            *(b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n",),
            *(b"2 0 obj\n<< /Type /Pages /Kids [4 0 R] /Count 1 >>\nendobj\n",),
            *(b"3 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n",),
            *(b"4 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 5 0 R /MediaBox [0 0 9 9] ",),
            *(b"/Resources << /Font << /F1 3 0 R >> /XObject << /X 6 0 R >> >> >>\nendobj\n",),
            b"5 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed),
            *(packed, b"\nendstream\nendobj\n6 0 obj\n<< /Type /XObject /Subtype /Form "),
            *(b"/BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >> ",),
            b"/Length %d >>\nstream\n%b\nendstream\nendobj\n" % (len(form), form),
            b"trailer << /Root 1 0 R /Size 7 >>\nstartxref\n0\n%%EOF\n",
        )
    )


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


def entities(document: bytes) -> bytes:
    """The document with entities that would become a thousand million letters."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{levels}]>'.encode()
    with zipfile.ZipFile(io.BytesIO(document)) as old:
        parts = {part.filename: old.read(part) for part in old.infolist()}
    body = parts["word/document.xml"].replace(b"31 to 18", b"&e9;")
    parts["word/document.xml"] = body.replace(b"?>", b"?>" + doctype, 1)
    return zipped(parts)


def made(seed: int, number: int) -> tuple[str, bytes]:
    """Return the suffix and the bytes of an input."""
    rng = random.Random(f"{seed}:{number}")
    suffix = sorted(SUFFIXES)[number % len(SUFFIXES)]
    if rng.random() < 0.3:
        return suffix, hostile(rng, suffix)
    return suffix, damage(rng, suffix)


def damaged(seed: int, number: int, *, sound: bool = False) -> tuple[str, bytes]:
    """Return an input that isn't large, for a quick run; ``sound`` is what it is made from."""
    suffix = sorted(SUFFIXES)[number % len(SUFFIXES)]
    rng = random.Random(f"{seed}:{number}")
    return suffix, valid(rng, suffix) if sound else damage(rng, suffix)


def damage(rng: random.Random, suffix: str) -> bytes:
    """A valid file with faults in it; for packed ones, mostly inside the packing."""
    if suffix.endswith(".gz") and rng.random() < 0.6:
        return gzip.compress(mutated(rng, valid(rng, suffix.removesuffix(".gz"))))
    return mutated(rng, valid(rng, suffix))


def check(path: Path, name: str) -> tuple[int, int]:
    """Read a file and hold what comes to what is promised; return the articles and the errors."""
    ids: set[str] = set()
    errors = 0
    for found in read(path, name):
        if isinstance(found, ArticleError):
            errors += 1
            assert found.path == path
            str(found.reason).encode()
            continue
        assert isinstance(found, Article)
        assert found.id == name or found.id.startswith(f"{name}#")
        assert found.id not in ids, "the same id twice"
        ids.add(found.id)
        assert has_words(found.text + found.title)
        assert found.published is None or type(found.published) is date
        shown = (found.outlet, found.url, found.language, found.author)
        for value in (found.id, found.title, found.text, *shown):
            assert value is None or "\0" not in value
            (value or "").encode()
    assert ids or errors, "neither an article nor an error"
    return len(ids), errors


def run(seed: int, number: int, folder: str) -> Outcome:
    """Make an input, read it, and keep it if it failed."""
    suffix, data = made(seed, number)
    path = Path(folder, f"{seed}-{number}{suffix}")
    path.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, articles, errors, fault = time.process_time(), 0, 0, None
    signal.alarm(3 * SECONDS)
    try:
        articles, errors = check(path, f"fuzz/a{suffix}")
    except ArticleError:
        errors = 1
    except BaseException as exc:  # noqa: BLE001 - that nothing else is raised is what is shown
        fault = f"{type(exc).__name__}: {str(exc)[:200]}"
    signal.alarm(0)
    seconds = time.process_time() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = (after - before) * 1024
    if fault is None and seconds > SECONDS:
        fault = f"took {seconds:.1f} s"
    if fault is None and after * 1024 > MEMORY:
        fault = f"took {after * 1024:,} bytes"
    if fault is None:
        path.unlink()
    return Outcome(number, suffix, articles, errors, seconds, memory, fault)


def bound() -> None:
    """Let a worker fail with MemoryError, not the machine; mapped libraries need their part."""
    resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--inputs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=None, help="folder for inputs that fail")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--quadratic", action="store_true", help="measure growth: see growth.py")
    options = parser.parse_args()
    if options.quadratic:
        from bench import growth

        return growth.run(options.seed, options.inputs, options.workers)
    keep = options.keep or Path(tempfile.mkdtemp(prefix="pullquote-fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    outcomes: list[Outcome] = []
    one = partial(run, options.seed, folder=str(keep))
    with get_context("spawn").Pool(options.workers, bound, maxtasksperchild=250) as pool:
        ended = pool.imap_unordered(one, range(options.inputs))
        for _ in range(options.inputs):
            # A worker that was ended gives nothing: its input stays in the folder.
            outcomes.append(ended.next(timeout=5 * SECONDS))
            if outcomes[-1].fault:
                print(f"  {outcomes[-1]}", flush=True)
    show(outcomes)
    failed = sum(outcome.fault is not None for outcome in outcomes)
    print(f"{failed} of {len(outcomes)} failed; kept in {keep}")
    return 1 if failed else 0


def show(outcomes: list[Outcome]) -> None:
    """Print how the inputs of each reader ended, and which took most."""
    kinds = Counter(outcome.kind for outcome in outcomes)
    print(
        f"{'reader':10} {'inputs':>7} {'taken':>7} {'partly':>7} {'refused':>8} {'slowest s':>10}"
    )
    for kind, inputs in sorted(kinds.items()):
        own = [outcome for outcome in outcomes if outcome.kind == kind]
        taken = sum(o.articles > 0 and not o.errors for o in own)
        partly = sum(o.articles > 0 and o.errors > 0 for o in own)
        refused = sum(o.errors > 0 and not o.articles for o in own)
        slowest = max(o.seconds for o in own)
        print(f"{kind:10} {inputs:7} {taken:7} {partly:7} {refused:8} {slowest:10.2f}")
    slow = max(outcomes, key=lambda outcome: outcome.seconds)
    large = max(outcomes, key=lambda outcome: outcome.memory)
    print(f"slowest: {slow.number} ({slow.kind}), {slow.seconds:.2f} s")
    print(f"most memory: {large.number} ({large.kind}), {large.memory / 1e6:.0f} MB more")


if __name__ == "__main__":
    sys.exit(main())
