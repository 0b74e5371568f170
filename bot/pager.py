"""Long texts through the pager, and articles in the programs that a person reads them with."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import Any

import click

from bot.console import print_text
from bot.render.links import to_words
from bot.screen import screen
from index.errors import PullquoteError
from index.records import Article


def page_text(text: Any) -> None:
    """Show a rich text through ``PAGER`` (``less`` where that is unset), on a terminal; else print.

    ``less`` is asked to leave at once what fits on the screen, and to let styles and links pass.
    """
    shown = screen()
    pager = shlex.split(shown.environment.get("PAGER", "less"))
    if shown.out is not sys.stdout or not shown.out.isatty() or not pager:
        print_text(text)
        return
    try:
        process = subprocess.Popen(  # noqa: S603 - the person's own choice
            pager, stdin=subprocess.PIPE, env={"LESS": "FRX", **shown.environment}, text=True
        )
    except OSError:  # no such pager: there is more to it than none at all
        print_text(text)
        return
    from bot.render.gate import render

    rendered = render(text, terminal=True, styled=shown.styled, environment=shown.environment)
    process.communicate(rendered)


def open_article(article: Article, words: str = "") -> None:
    """Open the page of an article at the words in the browser, or else its file in ``EDITOR``.

    Raises:
        PullquoteError: it has neither, or no editor is set.
    """
    page = to_words(article.url, words)
    if page:
        click.launch(page)
        return
    environment = screen().environment
    editor = shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "")
    if not article.path:
        raise PullquoteError(f"{article.id}: no page and no file to open; leave out --open")
    if not editor:
        raise PullquoteError("no editor to open the file with; set EDITOR, or leave out --open")
    try:
        subprocess.run([*editor, article.path], check=False)  # noqa: S603
    except OSError as exc:
        raise PullquoteError(f"{editor[0]}: {exc.strerror}; set EDITOR to another editor") from exc
