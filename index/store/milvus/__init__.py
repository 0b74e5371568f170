"""Revisions in a Milvus, for archives and readers beyond one machine."""
