"""A fetched page -> one file in ``pages/`` below the index, by the page's canonical URL.

``pages/<host>/<16 hex digits of BLAKE2b of the URL>.warc.gz`` holds a ``response`` record with the
page as it was sent, decoded, and a ``metadata`` record in JSON with what its feed says about it
(``index.formats.warc`` reads both). A file is replaced whole or not at all.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from index.store import private
from index.web.feeds import About
from index.web.fetch import Fetched
from index.web.urls import FetchError, RefusedError, clean, host_of, links

FOLDER = "pages"

# These describe the bytes on their way here, or the connection, and not the page as it is kept.
_ON_THE_WAY = frozenset(
    ("content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive")
)


def folder_of(index: Path) -> Path:
    """Where the pages of an index lie."""
    return index / FOLDER


def path_of(index: Path, canonical: str) -> Path:
    """The file of a page."""
    host = re.sub(r"[^a-z0-9.-]", "_", host_of(canonical))
    digest = hashlib.blake2b(canonical.encode(), digest_size=8).hexdigest()
    return folder_of(index) / host / f"{digest}.warc.gz"


def canonical(page: Fetched, asked: str) -> str:
    """Return the URL by which a page is known: its own word for it, if of the same host.

    A front page is never taken for an article's: sites name it in every page by mistake, and send
    there whoever asks for an article that is gone.

    Raises:
        FetchError: another address led to a front page.
    """
    here = clean(page.url)
    if _is_front(here) and not _is_front(asked):
        raise FetchError(f"redirected to the front page {here}; the page has moved or is gone")
    for _, link in links(page.body, "canonical"):
        with suppress(RefusedError):  # a malformed one is as good as none
            named = clean(link, here)
            if host_of(named) == host_of(here) and (_is_front(here) or not _is_front(named)):
                return named
    return here


def keep(index: Path, canonical: str, page: Fetched, about: About, now: datetime) -> Path:
    """Write the page's file, whole or not at all. One writer at a time.

    Raises: ``OSError``.
    """
    from warcio.statusandheaders import (  # type: ignore[import-untyped,unused-ignore]
        StatusAndHeaders,
    )
    from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped,unused-ignore]

    day = about.published.isoformat() if about.published else None
    said = json.dumps({**asdict(about), "published": day}, ensure_ascii=False).encode()
    dated = {"WARC-Date": now.strftime("%Y-%m-%dT%H:%M:%SZ")}
    headers = [(k, v) for k, v in page.headers if k.lower() not in _ON_THE_WAY]
    headers.append(("Content-Length", str(len(page.body))))
    path = path_of(index, canonical)
    private.folder(path.parent)
    part = path.with_name(f".{path.name}.part")
    private.file(part)
    with part.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        response = writer.create_warc_record(
            canonical,
            "response",
            payload=io.BytesIO(page.body),
            length=len(page.body),
            http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict=dict(dated),
        )
        metadata = writer.create_warc_record(
            canonical,
            "metadata",
            payload=io.BytesIO(said),
            length=len(said),
            warc_content_type="application/json",
            warc_headers_dict=dict(dated),
        )
        writer.write_record(response)
        writer.write_record(metadata)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return path


def drop(index: Path, canonical: str) -> None:
    """Remove the page's file, if it is there.

    Raises: ``OSError``.
    """
    path_of(index, canonical).unlink(missing_ok=True)


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path == "/" and not parts.query
