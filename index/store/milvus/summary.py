"""What is told of a revision as a whole: its articles counted, what is followed, what failed.

The writer counts once, so that who asks what there is need not scan all articles.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from index.records import Failure, Filters
from index.store.catalog import Catalog, Readers
from index.store.milvus import layout
from index.store.milvus.client import Row

GROUP_FIELDS = ("published", "sentences", "outlet_name", "collection")


@dataclass(frozen=True, slots=True)
class Group:
    """The live articles of a collection and an outlet, counted: what filters mostly ask for."""

    collection: str
    outlet: str | None
    articles: int
    sentences: int
    first: date | None
    last: date | None

    @classmethod
    def load(cls, fields: Sequence[Any]) -> Group:
        """Read it back from what JSON makes of its fields."""
        *counted, first, last = fields
        return cls(*counted, *(date.fromisoformat(d) if d else None for d in (first, last)))

    @classmethod
    def of(cls, head: Row) -> Group:
        """A single article, of whose head these are ``GROUP_FIELDS``."""
        day = layout.published(head)
        outlet = head["outlet_name"] or None
        return cls(head["collection"], outlet, 1, int(head["sentences"]), day, day)


@dataclass(frozen=True, slots=True)
class Summary:
    """Groups that cover all live articles, the followed (path to label), and the failures.

    ``readers`` are who may read what is followed, by label.
    """

    groups: tuple[Group, ...]
    roots: dict[str, str]
    readers: dict[str, Readers]
    failures: tuple[Failure, ...]

    def passing(self, filters: Filters) -> list[Group]:
        """The groups that pass a filter by outlets and collections."""
        wanted = {outlet.casefold() for outlet in filters.outlets or ()}
        return [
            group
            for group in self.groups
            if (filters.collections is None or group.collection in filters.collections)
            and (filters.outlets is None or (group.outlet or "").casefold() in wanted)
        ]

    @classmethod
    def load(cls, record: str) -> Summary:
        """Read it back from what ``summarised`` gave."""
        fields = json.loads(record)
        return cls(
            tuple(Group.load(each) for each in fields["groups"]),
            fields["roots"],
            {
                label: None if who is None else frozenset(who)
                for label, who in fields["readers"].items()
            },
            tuple(_failure(each) for each in fields["failures"]),
        )


def summarised(catalog: Catalog) -> str:
    """The summary of the live revision of a catalog, as it is stored."""
    failures = (each for failures in catalog.failures().values() for each in failures)
    labels = catalog.roots()
    readers = {labels[path]: who for path, who in catalog.readers().items()}
    return json.dumps(
        {
            "groups": catalog.groups(),
            "roots": labels,
            "readers": {
                label: None if who is None else sorted(who) for label, who in readers.items()
            },
            "failures": [asdict(each) for each in failures],
        },
        ensure_ascii=False,
    )


def _failure(fields: dict[str, Any]) -> Failure:
    return Failure(
        name=fields["path"],
        reason=fields["reason"],
        first=datetime.fromtimestamp(fields["first"], UTC),
        last=datetime.fromtimestamp(fields["last"], UTC),
        tries=fields["tries"],
        next_try=datetime.fromtimestamp(fields["next"], UTC),
    )
