"""The command `chat`: a prompt for questions, and a few commands that begin with a colon."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from bot.console import Workspace, echo, index_at_first, print_text
from bot.render import terminal
from index.english import smalltalk
from index.english.followup import Earlier, carried
from index.english.smalltalk import REPLIES, Line
from index.errors import PullquoteError
from index.library import Library
from index.records import Answer
from index.store import private

HELP = """Type a question (also one that leans on the last: "when?", "and China?"), or:
  :source [N]   the whole article of quote N (the first by default), the quote marked
  :more         more quotes for the same question, also less sure ones
  :help         this
  :quit         leave (as exit and Ctrl-D do)"""
STEP = 3
"""Quotes shown at first, and added by each :more."""


@click.command("chat")
@click.pass_obj
def chat_command(workspace: Workspace) -> int:
    """Ask at a prompt, with history; :source, :more and :quit are its commands."""
    index_at_first(workspace)
    _converse(workspace.library)
    return 0


def _converse(library: Library) -> None:
    """Ask and answer until the person leaves."""
    read = _reader(library)
    answer: Answer | None = None
    earlier: Earlier | None = None
    while (line := read()) is not None:
        command, _, argument = line.strip().partition(" ")
        kind = smalltalk.kind(line, follows=bool(earlier and earlier.quote))
        try:
            if not command:
                continue
            if command in (":quit", ":q") or kind is Line.LEAVE:
                break
            if command == ":source":
                print_text(_source(library, answer, argument))
            elif command == ":more" or kind is Line.MORE:
                answer = _more(library, answer)
                print_text(terminal.answer(answer, more=":more"))
            elif command.startswith(":"):
                echo(HELP)
            elif kind in REPLIES:
                echo(REPLIES[kind])
            else:
                answer = library.ask(line.strip(), earlier=earlier, top=STEP)
                earlier = carried(earlier, answer)
                print_text(terminal.answer(answer, more=":more"))
        except (PullquoteError, ValueError) as exc:
            echo(f"pullquote: {exc}", err=True)


def _source(library: Library, answer: Answer | None, argument: str) -> Any:
    quotes = (answer.quotes or answer.perhaps) if answer else ()
    number = int(argument) if argument.strip().isdecimal() else 1
    if not 1 <= number <= len(quotes):
        raise ValueError(f"there is no quote {number} to show the source of")
    return terminal.source(library.source(str(quotes[number - 1].receipt)))


def _more(library: Library, answer: Answer | None) -> Answer:
    """More quotes, also less sure ones than are shown unasked."""
    if answer is None:
        raise ValueError("there is no answer to show more of")
    question = answer.understood_as or answer.question
    more = library.ask(question, top=len(answer.quotes) + STEP, threshold=0.0)
    return replace(more, question=answer.question, understood_as=answer.understood_as)


def _reader(library: Library) -> Callable[[], str | None]:
    """Where lines come from: a prompt with history on a terminal, else stdin as it is."""
    if not sys.stdin.isatty():
        return lambda: sys.stdin.readline() or None
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory

    history = library.folder / "history"
    private.file(history)
    session: PromptSession[str] = PromptSession(history=FileHistory(history))
    echo("Ask a question; :help for the commands, Ctrl-D to leave.", err=True)

    def prompt() -> str | None:
        try:
            return session.prompt("? ")
        except KeyboardInterrupt:
            return ""  # Ctrl-C clears the line, as in a shell
        except EOFError:
            return None

    return prompt
