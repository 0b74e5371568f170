"""Measurements: each module here is a command that makes the figures of one part of ``docs/``."""
