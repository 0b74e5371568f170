"""Articles -> quotations. Knows neither Discord nor settings."""

from index.errors import PullquoteError
from index.library import Library
from index.records import Answer, Article, Filters, Quote, Refusal

__all__ = ["Answer", "Article", "Filters", "Library", "PullquoteError", "Quote", "Refusal"]
