"""Folders and feeds -> the store, kept true to the world."""
