"""An .html file -> its Article: the article's text without menus, notices and readers' comments.

Sole user of trafilatura, which finds the text, the title, the author, the outlet and the URL; the
network is never used. Two things it can't be asked for are read here. Its date search falls back on
URLs, copyright lines and the newest date in the text, so the date is taken from the page's own
statement of publication only, and is unknown without one. And it guesses encodings: here the
declared one holds; without one it is UTF-8, or what ``source.recognised`` is sure of.
"""

from __future__ import annotations

import codecs
import json
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from index.formats import fields
from index.formats.fields import iso_day
from index.formats.source import (
    Place,
    byte_order_mark,
    decode,
    decode_any,
    first_line,
    has_words,
    load,
    require_words,
    storable,
)
from index.records import Article

# What these have to remark goes to whoever has set up logging, and not to stderr.
for _library in ("trafilatura", "htmldate", "courlan"):
    logging.getLogger(_library).addHandler(logging.NullHandler())

HEAD = 4096
"""Bytes in which the declaration of the encoding is looked for; HTML asks for it within 1024."""

ELEMENT_LIMIT = 30_000
"""Elements of one page. Long live blogs have ten thousand; these take some seconds."""

ATTRIBUTE_LIMIT = 2_000
"""Attributes of one tag; pages have dozens. The parser compares each with each."""

# How the extraction trips over a page, beside lxml's errors, which it catches itself: malformed
# URLs, JSON-LD of unexpected shape, deep nesting. A page is no reason to stop the others.
_TRIPS = (AttributeError, LookupError, RecursionError, TypeError, ValueError)

# What looks like tags in these is none; one that isn't closed goes on to the end.
_NO_TAGS = re.compile(
    r"(<(script|style)\b[^>]*+(?:>|\Z)).*?(?=</\2|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE
)
# A tag with its attributes; what stands in quotes may hold anything.
_TAG = re.compile(
    r"""<[A-Za-z][^\s<>]*+((?:[^<>=]|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+)""",
)
_VALUE = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+')""")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_DECLARED = re.compile(
    rb"""<(?:meta\s[^>]*?charset|\?xml\s[^>]*?encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""",
    re.IGNORECASE,
)
# The encodings that browsers know, by Python's names. Some stand for a larger one, as in browsers;
# whoever declares UTF-16 in ASCII has not written UTF-16.
_CODECS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
} | {
    name: name
    for name in (
        *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *(f"cp125{part}" for part in range(9)),
        *("utf-8", "cp866", "cp874", "cp932", "cp949", "koi8-r", "koi8-u", "mac-roman"),
        *("mac-cyrillic", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp"),
    )
}
# Where pages state the day of publication, most explicit first.
_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "citation_publication_date",
    "dcterms.issued",
    "dc.date.issued",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "publish_date",
    "publication_date",
    "pubdate",
    "dcterms.date",
    "dc.date",
    "date",
)


def read(path: Path, name: str) -> Iterator[Article]:
    """Yield the article in the page; every line of its text is a paragraph.

    Raises: ``ArticleError``.
    """
    yield article(Place(path), load(path), id_=name, path=name)


def article(
    place: Place,
    data: bytes,
    *,
    id_: str,
    path: str,
    charset: str | None = None,
    known: Mapping[str, object] | None = None,
) -> Article:
    """Return the article in the bytes of a page.

    ``charset`` is what came with the page, as in an HTTP header: it stands above the page's own
    declaration. ``known`` has fields (title, published, outlet, language, author) for what the page
    itself doesn't say.

    Raises: ``ArticleError``.
    """
    known = known or {}
    page = _decoded(place, data, charset)
    require_words(place, page)
    tree = _parse(place, page)
    text = storable(_extract(place, tree))
    about = _about(tree)
    return Article(
        id=id_,
        title=about.get("title") or fields.string(place, known, "title") or first_line(text),
        text=text,
        published=_published(tree) or fields.published(place, known),
        outlet=about.get("sitename") or fields.string(place, known, "outlet"),
        url=about.get("url"),
        path=path,
        language=_language(tree) or fields.string(place, known, "language"),
        author=fields.byline(about.get("author", "").split(";")) or fields.author(place, known),
    )


def _decoded(place: Place, data: bytes, charset: str | None) -> str:
    encoding, skip = byte_order_mark(data)
    if encoding is None and charset:
        encoding = _codec(charset)  # browsers pass over one that they don't know, too
    encoding = encoding or _declared(place, data)
    return decode(place, data, encoding, skip=skip) if encoding else decode_any(place, data)


def _codec(label: str) -> str | None:
    """Return Python's name of the encoding that browsers mean by a label, or None."""
    try:
        return _CODECS.get(codecs.lookup(label).name)
    except (LookupError, ValueError):  # ValueError: a NUL in the label
        return None


def _declared(place: Place, data: bytes) -> str | None:
    match = _DECLARED.search(_COMMENT.sub(b"", data[:HEAD]))
    if match is None:
        return None
    label = match[1].decode()
    codec = _codec(label)
    if codec is None:
        raise place.error(
            f"declares the encoding {label[:40]!r}, which is not known; save it as UTF-8"
        )
    return codec


def _parse(place: Place, page: str) -> Any:
    from lxml import etree  # type: ignore[import-untyped,unused-ignore]
    from lxml.html import (  # type: ignore[import-untyped,unused-ignore]
        HTMLParser,
        document_fromstring,
    )

    tags = _TAG.finditer(_NO_TAGS.sub(r"\1", page))
    if any(_many(tag[1]) for tag in tags):
        raise place.error(
            f"one of its tags has more than {ATTRIBUTE_LIMIT:,} attributes; save its text as .txt"
        )
    parser = HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        tree = document_fromstring(page.encode(), parser=parser)
    except etree.LxmlError as exc:  # "Document is empty"
        raise place.error("holds no HTML; save the page again, or remove it") from exc
    if parser.error_log.filter_from_fatals():  # the rest of the page would be missing, silently
        raise place.error("its tags are nested too deeply; save the article as .txt")
    elements = sum(1 for _ in tree.iter())
    if elements > ELEMENT_LIMIT:
        raise place.error(
            f"too large: it has {elements:,} elements, and one page may have {ELEMENT_LIMIT:,}; "
            "save the article as .txt"
        )
    return tree


def _many(attributes: str) -> bool:
    """Whether a tag has more attributes than any should: words, when their values are left out."""
    if len(attributes) < 2 * ATTRIBUTE_LIMIT:
        return False
    return len(_VALUE.sub("= ", attributes).split()) > ATTRIBUTE_LIMIT


def _extract(place: Place, tree: Any) -> str:
    trafilatura = _trafilatura()
    try:
        found = trafilatura.bare_extraction(tree, include_comments=False)
    except _TRIPS as exc:
        raise place.error(
            f"the page can't be taken apart ({type(exc).__name__}); save its text as .txt"
        ) from exc
    text = found.text if found is not None and found.text else ""
    if not has_words(text):
        raise place.error("no article was found in this page; save its text as .txt")
    return str(text)


def _trafilatura() -> Any:
    with warnings.catch_warnings():
        # Imported with it, urllib3 remarks that it can't speak to SOCKS proxies; nothing shall.
        warnings.filterwarnings("ignore", message="SOCKS support")
        import trafilatura
    return trafilatura


def _about(tree: Any) -> dict[str, str]:
    trafilatura = _trafilatura()
    try:
        found = trafilatura.extract_metadata(tree, date_config={"extensive_search": False})
    except _TRIPS:  # a malformed URL, a title that is no string: unknown, as if it weren't there
        return {}
    said = {name: getattr(found, name) for name in ("title", "sitename", "url", "author")}
    return {
        name: storable(" ".join(value.split()))
        for name, value in said.items()
        if isinstance(value, str) and value.strip()
    }


def _published(tree: Any) -> date | None:
    """Return the day on which the page says it was published; what isn't ISO is unknown."""
    stated: dict[str, date] = {}
    for element in tree.iter("meta", "time", "span", "div", "p"):
        value = element.get("content") or element.get("datetime")
        day = iso_day(value) if value else None
        if day is not None:
            for attribute in ("property", "name", "itemprop"):
                stated.setdefault((element.get(attribute) or "").strip().lower(), day)
            if element.tag == "time" and element.get("pubdate") is not None:
                stated.setdefault("pubdate", day)
    for name in _PUBLISHED[:3]:
        if name in stated:
            return stated[name]
    return _linked_data_day(tree) or next((stated[n] for n in _PUBLISHED if n in stated), None)


def _linked_data_day(tree: Any) -> date | None:
    """Return ``datePublished`` of the first article in the page's JSON-LD."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            data = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):  # the page's own fault, and not what it is read for
            continue
        nodes = data if isinstance(data, list) else [data]
        for node in nodes:
            graph = node.get("@graph") if isinstance(node, dict) else None
            for item in [node, *(graph if isinstance(graph, list) else [])]:
                if isinstance(item, dict) and _is_article(item.get("@type")):
                    value = item.get("datePublished")
                    day = iso_day(value) if isinstance(value, str) else None
                    if day is not None:
                        return day
    return None


def _is_article(kind: object) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(k, str) and k.endswith(("Article", "Posting", "Report")) for k in kinds)


def _language(tree: Any) -> str | None:
    for name in ("lang", "{http://www.w3.org/XML/1998/namespace}lang", "xml:lang"):
        if value := (tree.get(name) or "").strip():
            return storable(value)
    return None
