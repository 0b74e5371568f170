"""What the bot must not forget when it is restarted, in one SQLite file beside the index.

Settings of servers, the answers that it posted, votes on them, standing questions, and what the
``ledger`` and ``unfinished`` keep. No name of a person is kept, and but in these no id: a vote
carries a keyed hash that tells two voters on one answer apart and nothing else, the key of an
answer one by which its asker is known again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.conversation.schema import SCHEMA
from index.errors import PullquoteError
from index.records import Filters
from index.store import private
from index.store.database import Connection, Error, connect

DAY_S = 86_400
SEEN_DAYS = 2
"""How long an event is remembered; a chat service replays missed ones for minutes."""
KEY, SIGNED = 12, 12
"""Characters of a key, and the bytes of the asker's hash that may follow it."""


def new_key() -> str:
    """A name for an answer, short enough for the id of a button, that nobody can guess."""
    return secrets.token_urlsafe(9)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What a server chose; None does not restrict.

    ``collections`` are labels, ``channels`` ids. ``thread``: answers go to a thread; ``private``:
    only the asker sees them, until shared. ``manager_role`` may do what Manage Server may.
    A correction is told in a reply, too (``correction_reply``), or in ``correction_channel``. New
    posts in ``forums`` are answered by their titles, unasked; None: in no forum.
    """

    collections: tuple[str, ...] | None = None
    channels: frozenset[int] | None = None
    thread: bool = False
    private: bool = False
    manager_role: int | None = None
    correction_reply: bool = False
    correction_channel: int | None = None
    forums: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """An answer in a channel; a refusal has no receipts.

    ``server`` is None in a direct message; ``message`` until the service has taken it. ``channel``
    is where the message stands: of an answer in a thread, the thread. ``standing`` is the standing
    question that it answers, if one. ``at`` is in seconds since 1970. ``marked`` is the digest of
    the correction it shows, if any.
    """

    server: int | None
    channel: int
    question: str
    receipts: tuple[str, ...]
    revision: int
    understood_as: str | None = None
    filters: Filters = field(default_factory=Filters)
    message: int | None = None
    standing: int | None = None
    at: float = field(default_factory=time.time)
    marked: str | None = None
    key: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class Vote:
    """A thumb: ``receipt`` is the quote it was on, None for a refusal; ``name`` if switched on.

    ``question`` is what was searched for, where the question as asked could not stand alone.
    """

    answer: str
    up: bool
    question: str
    receipt: str | None
    revision: int
    filters: Filters
    name: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Standing:
    """A question to be answered by articles filed after the number ``after`` of the catalog.

    ``owner`` is who asked to follow it; None for one that was followed before that was kept.
    """

    id: int
    server: int | None
    channel: int
    question: str
    after: int
    owner: int | None = None


class Memory:
    """The bot's memory; any thread may call it.

    A call takes well under a millisecond, so that the event loop may call it, too.
    What was written survives the process being killed at any instant; the last moments before a
    power cut may be lost. ``names``: who votes is kept by name. ``clock`` is seconds since 1970.

    Raises:
        PullquoteError: the file is another program's, of another format, or damaged.
    """

    def __init__(
        self, path: Path, *, names: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self.path = path
        self.names = names
        self._clock = clock
        self._lock = threading.Lock()
        private.folder(path.parent)
        try:
            self._db = connect(path, SCHEMA, timeout_s=10)
        except Error as exc:
            reason = f"{path}: can't be used ({exc}); {SCHEMA.remedy}"
            raise PullquoteError(reason) from exc

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it is kept at the end of the block, or, after an error, nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    # Small things

    def meta(self, name: str) -> str | None:
        """A value kept by name, such as the digest of the commands that were registered."""
        rows = self.rows("SELECT value FROM meta WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def set_meta(self, name: str, value: str) -> None:
        """Keep a value by name."""
        with self.writing() as db:
            db.execute("REPLACE INTO meta VALUES (?, ?)", (name, value))

    def seen(self, event: int) -> bool:
        """Whether an event, by its snowflake, came before; from now on it has."""
        with self.writing() as db:
            added = "INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING"
            return not db.execute(added, (event, self._clock())).rowcount

    def prune(self, days: float) -> int:
        """Forget answers posted more than so many days ago; return how many.

        Votes, settings and standing questions stay, and what was posted for those that are
        followed still: it is not to be posted again.
        """
        now = self._clock()
        with self.writing() as db:
            db.execute("DELETE FROM seen WHERE at < ?", (now - SEEN_DAYS * DAY_S,))
            old = (
                "DELETE FROM posted WHERE at < ?"
                " AND (standing IS NULL OR standing NOT IN (SELECT id FROM standing))"
            )
            return db.execute(old, (now - days * DAY_S,)).rowcount

    # Servers

    def settings_for(self, server: int | None) -> ServerSettings:
        """The settings of a server; the defaults for a direct message or if it chose none."""
        rows = self.rows("SELECT settings FROM server WHERE id = ?", (server,))
        if not rows:
            return ServerSettings()
        kept = json.loads(rows[0][0])
        for name, kind in (("collections", tuple), ("channels", frozenset), ("forums", frozenset)):
            kept[name] = None if kept.get(name) is None else kind(kept[name])
        return ServerSettings(**kept)

    def set_settings(self, server: int, settings: ServerSettings) -> None:
        """Keep the settings of a server."""
        kept = asdict(settings)
        for name, ids in (("channels", settings.channels), ("forums", settings.forums)):
            kept[name] = sorted(ids) if ids is not None else None
        with self.writing() as db:
            db.execute("REPLACE INTO server VALUES (?, ?)", (server, json.dumps(kept)))

    # Posted answers

    def remember(self, posted: Posted) -> str:
        """Keep an answer, best before it is sent; return its key, for the ids of its buttons."""
        with self.writing() as db:
            _keep(db, posted)
        return posted.key

    def key_for(self, asker: int) -> str:
        """A new key for an answer, by which this install knows its asker again, and nobody else."""
        return self._signed(new_key(), asker)

    def asked(self, key: str, person: int) -> bool:
        """Whether it was this person who asked for an answer, also for one that is forgotten."""
        return hmac.compare_digest(key.encode(), self._signed(key[:KEY], person).encode())

    def sent(self, key: str, channel: int, message: int) -> None:
        """Say as which message, and where, an answer that is remembered was taken."""
        with self.writing() as db:
            where = (channel, message, key)
            db.execute("UPDATE posted SET channel = ?, message = ? WHERE key = ?", where)

    def mark(self, key: str, digest: str) -> None:
        """Say which correction an answer shows now."""
        with self.writing() as db:
            db.execute("UPDATE posted SET marked = ? WHERE key = ?", (digest, key))

    def forget(self, key: str) -> None:
        """Forget an answer that was not sent after all."""
        with self.writing() as db:
            db.execute("DELETE FROM posted WHERE key = ?", (key,))

    def deleted(self, key: str) -> None:
        """Forget an answer whose message is deleted, what More made of it, and the votes on them.

        What was posted for a standing question stays while that is followed: its words are not to
        be posted again.
        """
        # What More makes of an answer has its question, and its time to the microsecond.
        same = "(SELECT at, question FROM posted WHERE key = ?)"
        with self.writing() as db:
            keys = f"SELECT key FROM posted WHERE (at, question) IN {same}"  # noqa: S608 - no value is formatted in
            db.execute(f"DELETE FROM vote WHERE answer IN ({keys})", (key,))  # noqa: S608 - no value is formatted in
            db.execute(
                f"DELETE FROM posted WHERE (at, question) IN {same}"  # noqa: S608 - no value is formatted in
                " AND (standing IS NULL OR standing NOT IN (SELECT id FROM standing))",
                (key,),
            )

    def posted(self, key: str) -> Posted | None:
        """The answer of a button."""
        return next(self._posted("key = ?", (key,)), None)

    def posted_as(self, message: int) -> Posted | None:
        """The answer that a message holds, if it holds one."""
        return next(self._posted("message = ?", (message,)), None)

    def latest_in(self, channel: int) -> Posted | None:
        """The last answer in a channel or thread."""
        return next(self._posted("channel = ? ORDER BY at DESC LIMIT 1", (channel,)), None)

    def posted_since(self, days: float) -> list[Posted]:
        """The answers with quotes, posted in the last days, oldest first."""
        since = self._clock() - days * DAY_S
        where = "at >= ? AND message IS NOT NULL AND receipts != '[]' ORDER BY at"
        return list(self._posted(where, (since,)))

    def posted_for(self, standing: int) -> list[Posted]:
        """What was posted for a standing question, sent or about to be, newest first."""
        return list(self._posted("standing = ? ORDER BY at DESC", (standing,)))

    def unsent(self, seconds: float) -> list[Posted]:
        """What was to be posted for standing questions so shortly ago, and may not have been."""
        where = "standing IS NOT NULL AND message IS NULL AND at >= ? ORDER BY at"
        return list(self._posted(where, (self._clock() - seconds,)))

    def _posted(self, where: str, values: Sequence[object]) -> Iterator[Posted]:
        columns = (
            "guild, channel, question, receipts, revision, understood_as, filters, message, "
            "standing, at, marked, key"
        )
        for row in self.rows(f"SELECT {columns} FROM posted WHERE {where}", values):  # noqa: S608 - no value is formatted in
            server, channel, question, receipts, revision, understood_as, filters, *rest = row
            yield Posted(
                *(server, channel, question, tuple(json.loads(receipts)), revision, understood_as),
                *(_loaded(filters), *rest),
            )

    # Votes

    def vote(self, posted: Posted, voter: int, *, up: bool, name: str | None = None) -> None:
        """Keep a thumb on an answer's first quote, or on its refusal; the last of a voter counts.

        ``voter`` is kept only as a hash with this install's secret, the answer's key and the quote;
        ``name`` only where names are switched on.
        """
        receipt = posted.receipts[0] if posted.receipts else None
        hashed = self._hashed(f"{posted.key}:{receipt}:{voter}")
        name = name if self.names else None
        question = posted.understood_as or posted.question
        row = (posted.key, hashed, up, question, receipt, posted.revision, _dumped(posted.filters))
        with self.writing() as db:
            now = self._clock()
            db.execute("REPLACE INTO vote VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, name, now))

    def votes(self) -> list[Vote]:
        """Every vote, oldest first."""
        columns = "answer, up, question, receipt, revision, filters, name, at"
        rows = self.rows(f"SELECT {columns} FROM vote ORDER BY at, answer")  # noqa: S608 - no value is formatted in
        return [
            Vote(answer, bool(up), question, receipt, revision, _loaded(filters), *rest)
            for answer, up, question, receipt, revision, filters, *rest in rows
        ]

    def _signed(self, key: str, asker: int) -> str:
        return key + urlsafe_b64encode(self._hashed(f"{key}:{asker}")[:SIGNED]).decode()

    def _hashed(self, told: str) -> bytes:
        """A digest that only this install can make."""
        secret = bytes.fromhex(self.meta("secret") or "")
        return hmac.digest(secret, told.encode(), hashlib.sha256)

    # Standing questions

    def follow(
        self,
        server: int | None,
        channel: int,
        question: str,
        after: int,
        owner: int | None = None,
    ) -> Standing:
        """Keep a standing question of a channel; one that it has already stays as it is."""
        row = (server, channel, question, after, self._clock(), owner)
        with self.writing() as db:
            db.execute(
                "INSERT INTO standing (guild, channel, question, after, at, owner)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (channel, question) DO NOTHING",
                row,
            )
        return next(each for each in self.following(channel) if each.question == question)

    def following(self, channel: int | None = None) -> list[Standing]:
        """The standing questions of a channel, or all of them, oldest first."""
        where, values = ("WHERE channel = ?", (channel,)) if channel is not None else ("", ())
        rows = self.rows(
            f"SELECT id, guild, channel, question, after, owner FROM standing {where} ORDER BY id",  # noqa: S608 - no value is formatted in
            values,
        )
        return [Standing(*row) for row in rows]

    def advance(self, standing: int, after: int, posting: Posted | None = None) -> None:
        """Say that a standing question was asked over everything filed up to ``after``.

        What is about to be posted for it is remembered at the same instant.
        """
        with self.writing() as db:
            db.execute("UPDATE standing SET after = ? WHERE id = ?", (after, standing))
            if posting:
                _keep(db, posting)

    def advance_all(self, standing: Iterable[int], after: int) -> None:
        """Say it of many standing questions for which there is nothing to post."""
        with self.writing() as db:
            rows = ((after, each) for each in standing)
            db.executemany("UPDATE standing SET after = ? WHERE id = ?", rows)

    def unfollow(self, standing: int, channel: int) -> bool:
        """Remove a standing question of a channel; whether it was there."""
        with self.writing() as db:
            where = (standing, channel)
            gone = db.execute("DELETE FROM standing WHERE id = ? AND channel = ?", where)
            return bool(gone.rowcount)


def _keep(db: Connection, posted: Posted) -> None:
    row = (
        *(posted.key, posted.server, posted.channel, posted.message, posted.question),
        *(posted.understood_as, json.dumps(posted.receipts), posted.revision),
        *(_dumped(posted.filters), posted.standing, posted.at, posted.marked),
    )
    db.execute(f"REPLACE INTO posted VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - question marks


def _dumped(filters: Filters) -> str:
    chosen = asdict(filters).items()
    kept = {name: value for name, value in chosen if value is not None and value is not False}
    return json.dumps(kept, default=date.isoformat)


def _loaded(text: str) -> Filters:
    kept = json.loads(text)
    for name in ("since", "until"):
        if name in kept:
            kept[name] = date.fromisoformat(kept[name])
    if "outlet" in kept:  # as it was kept while a question could be about one
        kept["outlets"] = (kept.pop("outlet"),)
    for name in ("collections", "outlets"):
        if name in kept:
            kept[name] = tuple(kept[name])
    return Filters(**kept)
