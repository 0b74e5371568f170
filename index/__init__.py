"""Articles -> quotations. Knows neither Discord nor settings.

Library and what its methods take, return and raise: ``docs/python.md`` says what stays.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from index.ask.judge import FusionJudge, Judge
from index.ask.source import SourceView
from index.encoder.encode import Encoder
from index.english.followup import Earlier
from index.errors import ArticleError, ModelError, PullquoteError, ReceiptError, StoreError
from index.library import Library, Status
from index.records import (
    Answer,
    Article,
    Candidate,
    Considered,
    Failure,
    Filters,
    Progress,
    Quote,
    Receipt,
    Refusal,
    Sentence,
)

if TYPE_CHECKING:
    from index.ask.check import Check, Difference, Match
    from index.ask.narrowing import Narrowed
    from index.ask.timeline import Every, Timeline
    from index.doctor import Finding
    from index.ingest.sync import Report, Spread
    from index.store.milvus.client import Address
    from index.store.milvus.publish import Published

__all__ = [
    "Address",
    "Answer",
    "Article",
    "ArticleError",
    "Candidate",
    "Check",
    "Considered",
    "Difference",
    "Earlier",
    "Encoder",
    "Every",
    "Failure",
    "Filters",
    "Finding",
    "FusionJudge",
    "Judge",
    "Library",
    "Match",
    "ModelError",
    "Narrowed",
    "Progress",
    "Published",
    "PullquoteError",
    "Quote",
    "Receipt",
    "ReceiptError",
    "Refusal",
    "Report",
    "Sentence",
    "SourceView",
    "Spread",
    "Status",
    "StoreError",
    "Timeline",
]

_LATE = {
    "Address": "index.store.milvus.client",
    "Check": "index.ask.check",
    "Difference": "index.ask.check",
    "Every": "index.ask.timeline",
    "Finding": "index.doctor",
    "Match": "index.ask.check",
    "Narrowed": "index.ask.narrowing",
    "Published": "index.store.milvus.publish",
    "Report": "index.ingest.sync",
    "Spread": "index.ingest.sync",
    "Timeline": "index.ask.timeline",
}
"""What a question does not need is imported when it is asked for."""


def __getattr__(name: str) -> object:
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module 'index' has no attribute {name!r}")
