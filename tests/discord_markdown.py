"""A model of how Discord shows Markdown: from its documented syntax, not from our escapes.

Written after Discord's "Markdown Text 101", "Message formatting" in its developer documentation and
the findings on the desktop client that the tests of parse-discord record (a rule is tried at each
place in turn; an escape comes first; block rules hold at the start of a line, also of one inside
another construct). In doubt it finds *more* markup than Discord: a shortcode of any name is an
emoji, a number in ``<...>`` a telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
SHRUG = re.compile(r"¯\\_\(ツ\)_/¯")
BLOCKS = {
    "heading": re.compile(r"#{1,3}\s+([^\n]*)\n?"),
    "subtext": re.compile(r"-# +([^\n]+)\n?"),
    "list": re.compile(r"(?:[*+-]|\d+\.)\s([^\n]*)\n?"),
}
QUOTE_REST = re.compile(r">>> ([\s\S]*)")
QUOTE_LINES = re.compile(r"> [^\n]*(?:\n *> [^\n]*)*\n?")
STYLES = {
    "bold": re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    "underline": re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"),
    "italic": re.compile(r"\*(?!\s)([^*]+?)\*(?!\*)|_([^_]+?)_(?![A-Za-z0-9_])"),
    "strike": re.compile(r"~~([\s\S]+?)~~(?!_)"),
    "spoiler": re.compile(r"\|\|([\s\S]+?)\|\|"),
}
LEAVES = {
    "code block": re.compile(r"```[\s\S]*?[^\n][\s\S]*?```"),
    "code": re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)"),
    "user": re.compile(r"<@!?\d+>"),
    "role": re.compile(r"<@&\d+>"),
    "channel": re.compile(r"<#\d+>"),
    "everyone": re.compile(r"@everyone|@here"),
    "emoji": re.compile(r"<a?:\w+:\d+>|:[^\s:]+?:"),
    "timestamp": re.compile(r"<t:-?\d+(?::[tTdDfFR])?>"),
    "command": re.compile(r"</[-_' \w]+:\d+>"),
    "navigation": re.compile(r"<id:[a-z-]+(?::\d+)?>"),
    "mail": re.compile(r"<[^\s<>@]+@[^\s<>@]+>"),
    "telephone": re.compile(r"<\+?[\d -]+>"),
    "link": re.compile(r"<[^: >]+:/[^ >]+>|(?:https?|steam|discord)://[^\s<]+|\[[^\]]*\]\([^)]*\)"),
}

NO_RULE = re.compile(r"[^\\¯\n`*_~|<@:hsd\[]+")
"""Signs with which no rule begins, but those that begin a line."""


@dataclass(frozen=True)
class Node:
    """A piece of what is shown: its kind ("text" for plain words), and what is inside it."""

    kind: str
    text: str
    inside: tuple[Node, ...] = ()

    @property
    def shown(self) -> str:
        """The words that a reader sees."""
        return "".join(each.shown for each in self.inside) if self.inside else self.text


@lru_cache(maxsize=256)
def parse(source: str, *, in_quote: bool = False) -> tuple[Node, ...]:
    """What Discord makes of a message; neighbouring plain words are one node."""
    nodes: list[Node] = []
    at = 0
    while at < len(source):
        node, at = _next(source, at, in_quote)
        if node.kind == "text" and nodes and nodes[-1].kind == "text":
            node = Node("text", nodes.pop().text + node.text)
        nodes.append(node)
    return tuple(nodes)


def kinds(nodes: tuple[Node, ...]) -> Iterator[str]:
    """The kinds of all nodes, those inside others too."""
    for node in nodes:
        yield node.kind
        yield from kinds(node.inside)


def shown(nodes: tuple[Node, ...]) -> str:
    """The words that a reader sees."""
    return "".join(node.shown for node in nodes)


def _next(source: str, at: int, in_quote: bool) -> tuple[Node, int]:
    """The node that begins at a place, and where the next one does."""
    if match := SHRUG.match(source, at):
        return Node("text", match[0]), match.end()
    if match := ESCAPE.match(source, at):
        return Node("text", match[1]), match.end()
    line_before = source[source.rfind("\n", 0, at) + 1 : at]
    if not line_before.strip(" ") and (block := _block(source, at, in_quote)):
        return block
    if match := NO_RULE.match(source, at):
        end = match.end() if line_before.strip(" ") or source[at] != " " else at + 1
        return Node("text", source[at:end]), end
    for kind, pattern in LEAVES.items():
        if match := pattern.match(source, at):
            return Node(kind, match[0]), match.end()
    for kind, pattern in STYLES.items():
        if match := pattern.match(source, at):
            words = next(each for each in match.groups() if each is not None)
            return Node(kind, words, parse(words, in_quote=in_quote)), match.end()
    return Node("text", source[at]), at + 1


def _block(source: str, at: int, in_quote: bool) -> tuple[Node, int] | None:
    if not in_quote and (match := QUOTE_REST.match(source, at)):
        return Node("quote", match[1], parse(match[1], in_quote=True)), match.end()
    if not in_quote and (match := QUOTE_LINES.match(source, at)):
        lines = [line.lstrip(" ")[2:] for line in match[0].removesuffix("\n").split("\n")]
        words = "\n".join(lines)
        return Node("quote", words, parse(words, in_quote=True)), match.end()
    for kind, pattern in BLOCKS.items():
        if match := pattern.match(source, at):
            return Node(kind, match[1], parse(match[1], in_quote=in_quote)), match.end()
    return None
