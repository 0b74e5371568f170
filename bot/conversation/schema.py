"""The tables of the bot's memory, as the migrations that make them."""

from __future__ import annotations

from index.store.database import Schema

_FORMAT_1 = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('secret', lower(hex(randomblob(32))));
CREATE TABLE server (id INTEGER PRIMARY KEY, settings TEXT NOT NULL) STRICT;
CREATE TABLE posted (
    key TEXT PRIMARY KEY, guild INTEGER, channel INTEGER NOT NULL, message INTEGER,
    question TEXT NOT NULL, understood_as TEXT, receipts TEXT NOT NULL, revision INTEGER NOT NULL,
    filters TEXT NOT NULL, standing INTEGER, at REAL NOT NULL, marked TEXT
) STRICT;
CREATE INDEX posted_message ON posted (message);
CREATE INDEX posted_channel ON posted (channel, at);
CREATE INDEX posted_at ON posted (at);
CREATE TABLE seen (event INTEGER PRIMARY KEY, at REAL NOT NULL) STRICT;
CREATE TABLE vote (
    answer TEXT NOT NULL, voter BLOB NOT NULL, up INTEGER NOT NULL, question TEXT NOT NULL,
    receipt TEXT, revision INTEGER NOT NULL, filters TEXT NOT NULL, name TEXT, at REAL NOT NULL,
    PRIMARY KEY (answer, voter)
) STRICT;
CREATE TABLE standing (
    id INTEGER PRIMARY KEY AUTOINCREMENT, guild INTEGER, channel INTEGER NOT NULL,
    question TEXT NOT NULL, after INTEGER NOT NULL, at REAL NOT NULL,
    UNIQUE (channel, question)
) STRICT;
"""
_FORMAT_2 = """
CREATE TABLE added (
    server INTEGER NOT NULL, article TEXT NOT NULL, source TEXT NOT NULL, person INTEGER NOT NULL,
    at REAL NOT NULL, PRIMARY KEY (server, article)
) STRICT, WITHOUT ROWID
"""
_FORMAT_3 = "CREATE TABLE departed (server INTEGER PRIMARY KEY, at REAL NOT NULL) STRICT"
_FORMAT_4 = "ALTER TABLE standing ADD COLUMN owner INTEGER"
_FORMAT_5 = """
CREATE TABLE unfinished (
    key TEXT PRIMARY KEY, server INTEGER NOT NULL, channel INTEGER NOT NULL,
    person INTEGER NOT NULL, source TEXT NOT NULL, file INTEGER NOT NULL, after INTEGER NOT NULL,
    checked INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID
"""
_FORMAT_6 = """
CREATE TABLE digest (
    channel INTEGER PRIMARY KEY, server INTEGER NOT NULL, after INTEGER NOT NULL, due REAL NOT NULL
) STRICT
"""
SCHEMA = Schema(
    application=0x50554C42,  # "PULB"
    first=1,
    migrations=(_FORMAT_1, _FORMAT_2, _FORMAT_3, _FORMAT_4, _FORMAT_5, _FORMAT_6),
    remedy="move it away, and the bot begins anew",
)
