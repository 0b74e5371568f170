"""Texts -> vectors, and the export that makes that fast."""
