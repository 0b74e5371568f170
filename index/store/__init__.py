"""Revisions of the articles: what is kept, and what it can be asked."""
