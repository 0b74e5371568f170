"""The command `show`: the name of an article -> the article, whole."""

from __future__ import annotations

import click

from bot.console import Workspace, as_json_option, complete_articles, open_option, print_json
from index.errors import PullquoteError


@click.command("show")
@click.argument("article", nargs=-1, required=True, shell_complete=complete_articles)
@open_option
@as_json_option
@click.pass_obj
def show_command(
    workspace: Workspace, article: tuple[str, ...], open_: bool, as_json_: bool
) -> int:
    """Show an ARTICLE, named by its id (see `pullquote list`) or by words of its id or title.

    On a terminal it goes through $PAGER.

    \b
    pullquote show bridge opened
    """
    name = " ".join(article)
    found = workspace.library.named(name)
    if len(found) != 1:
        ids = "; ".join(each.id for each in found)
        several = f"several articles are called so, such as {ids}; say more of the name"
        none = "no article is called so; `pullquote list` says which there are"
        raise PullquoteError(f"{name}: {several if found else none}")
    if as_json_:
        from bot.render import as_json

        print_json({**as_json.article(found[0]), "text": found[0].text})
        return 0
    from bot.pager import open_article, page_text
    from bot.render import terminal

    if open_:
        open_article(found[0])
    else:
        page_text(terminal.article(found[0]))
    return 0
