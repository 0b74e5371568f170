"""A receipt -> the article that it names, opened at its place, as it was when it was quoted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from index.errors import ReceiptError, StoreDamagedError
from index.records import Article, Receipt
from index.store.engine import Revision


@dataclass(frozen=True, slots=True)
class SourceView:
    """An article opened at a receipt; ``current`` is the version that replaced it, if one did.

    ``withdrawn`` says that the article is in the index no more, ``weak`` that the receipt is of an
    earlier version, and that another text could have been made to fit it.
    """

    article: Article
    start: int
    end: int
    current: Article | None
    withdrawn: bool
    weak: bool = False


def source(receipt: str, revision: Revision, folder: Path) -> SourceView:
    """Open what a receipt names; ``folder`` is the index, for messages.

    Raises:
        ReceiptError: not a receipt, not one of this index, or one that fits several versions.
        StoreDamagedError: the article is no longer as it was indexed.
    """
    try:
        address = Receipt.parse(receipt)
    except ValueError as exc:
        raise ReceiptError(receipt, str(exc)) from exc
    fitting = [each for each in revision.versions(address.article) if address.fits(each)]
    if len(fitting) > 1:
        raise ReceiptError(
            receipt,
            f"{len(fitting)} versions of this article fit so short a receipt: it proves "
            "neither; ask or check again for a receipt of today's length",
        )
    filed = revision.article(address.article, fitting[0]) if fitting else None
    current = revision.article(address.article)
    if filed is None:
        known = "in no version that fits this receipt" if current else "not"
        raise ReceiptError(receipt, f"this article is {known} in the index {folder}")
    if not (filed.whole and (current is None or current.whole)):
        raise StoreDamagedError(revision.place, f"{address.article} is no longer as it was indexed")
    if address.end > len(filed.article.text):
        raise ReceiptError(receipt, f"the article ends at {len(filed.article.text)}")
    changed = current if current and current.digest != filed.digest else None
    return SourceView(
        filed.article,
        address.start,
        address.end,
        changed.article if changed else None,
        withdrawn=current is None,
        weak=address.weak,
    )
