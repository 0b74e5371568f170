"""The command ``pullquote``: parse, call the library, print, exit code.

Results go to stdout, everything else to stderr. Exit codes: 0 answered or done, 1 a fault that a
person can mend, 2 usage, 3 a bug, 4 no answer found, 130 interrupted.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from bot.commands.check import check_command
from bot.commands.discord import bot_command
from bot.commands.evaluate import calibrate_command, eval_command
from bot.commands.feedback import feedback_command
from bot.commands.feeds import add_command, feeds_group
from bot.commands.index import compact_command, doctor_command, follow, print_report
from bot.commands.serve import serve_command
from bot.console import index_at_first, locked, print_json, print_text, progress_bar
from bot.render import as_json
from bot.settings import SETTINGS, load_settings
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader
from index.english.dates import day
from index.errors import PullquoteError
from index.library import Library
from index.records import Answer, Filters

EXIT_FAULT, EXIT_USAGE, EXIT_BUG, EXIT_NO_ANSWER, EXIT_INTERRUPTED = 1, 2, 3, 4, 130


def main(argv: Sequence[str] | None = None, obj: tuple[Library, Path, bool] | None = None) -> int:
    """Run one command and return its exit code; ``obj`` is a library that a server keeps open."""
    try:
        return int(cli.main(argv, prog_name="pullquote", standalone_mode=False, obj=obj) or 0)
    except click.exceptions.Exit as exc:
        return exc.exit_code
    except click.ClickException as exc:
        exc.show()
        return EXIT_USAGE
    except PullquoteError as exc:
        click.echo(f"pullquote: {exc}", err=True)
        return EXIT_FAULT
    except (KeyboardInterrupt, click.Abort):
        click.echo("pullquote: interrupted", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has seen enough, as `head` does.
        sys.stdout = None
        return 0
    except Exception:  # noqa: BLE001 - the last resort, which says so
        traceback.print_exc()
        click.echo("pullquote: this is a bug; please report the lines above", err=True)
        return EXIT_BUG


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Completion: eval "$(_PULLQUOTE_COMPLETE=bash_source pullquote)" (or zsh_, fish_).',
)
@click.option(
    "--index",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the index lies (PULLQUOTE_INDEX; .pullquote by default).",
)
@click.version_option(package_name="pullquote")
@click.pass_context
def cli(context: click.Context, index: Path | None) -> None:
    """Ask a folder of news articles; be quoted the exact words that answer.

    \b
    pullquote ask "who vetoed the ceasefire?"
    pullquote index ~/clippings
    pullquote source "seeds/a.txt:10-42@0123456789ab"
    """
    if context.obj:
        return
    settings = load_settings()
    judge = ReaderJudge(Reader())
    library = Library(index or settings.index, model=settings.encoder, judge=judge)
    context.obj = (library, settings.articles, "articles" in settings.model_fields_set)
    context.meta[SETTINGS] = settings
    context.call_on_close(library.close)


class Day(click.ParamType[date]):
    """A date such as 2016-12-08, yesterday or "last week": its first day, or its last (``end``)."""

    name = "date"

    def __init__(self, *, end: bool = False) -> None:
        self._end = end

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """Read a date, as of today."""
        try:
            return day(value, end=self._end, today=datetime.now().astimezone().date())
        except ValueError as exc:
            self.fail(str(exc), param, ctx)


as_json_option = click.option("--json", "as_json_", is_flag=True, help="Print JSON.")


@cli.command("index")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--rebuild", is_flag=True, help="Read every file again and write all anew.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--forget",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Follow this folder or file no more; its articles go.",
)
@click.option("--watch", is_flag=True, help="Go on, and take what comes until interrupted.")
@as_json_option
@click.pass_obj
def index_command(
    obj: tuple[Library, Path, bool],
    paths: tuple[Path, ...],
    rebuild: bool,
    dry_run: bool,
    forget: tuple[Path, ...],
    watch: bool,
    as_json_: bool,
) -> int:
    """Bring the index up to date: only what is new, changed or gone.

    PATHs (folders or files) are followed from now on, beside those that were given before; at
    first that is PULLQUOTE_ARTICLES (seeds/ by default). A file that can't be read is named, the
    others go on, and what was indexed of it before stays; the exit code is then 1.

    \b
    pullquote index
    pullquote index ~/clippings archive.jsonl
    pullquote index --watch
    """
    library, articles, articles_set = obj
    if watch and dry_run:
        raise click.UsageError("--watch goes on, --dry-run does nothing; give one of them")
    if not paths and not forget and (articles_set or not library.follows()):
        paths = (articles,)
    with progress_bar() as progress:
        report = locked(
            lambda wait_s: library.sync(
                paths,
                forget=forget,
                rebuild=rebuild,
                dry_run=dry_run,
                wait_s=wait_s,
                progress=progress,
            )
        )
    print_report(report, dry_run=dry_run, as_json_=as_json_)
    if watch:
        settings = click.get_current_context().meta[SETTINGS]
        return follow(library, as_json_=as_json_, allow_private=settings.allow_private_networks)
    return EXIT_FAULT if report.failed else 0


@cli.command()
@click.argument("question", nargs=-1)
@click.option("--top", type=click.IntRange(1, 100), default=3, help="Quotes at the most.")
@click.option("--since", type=Day(), help="Only articles of this day or later.")
@click.option("--until", type=Day(end=True), help="Only articles of this day or earlier.")
@click.option("--outlet", help="Only articles of this outlet.")
@click.option("--article", help="Only the article with this id.")
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    help="Show quotes that are at least so sure, instead of what `calibrate` fitted.",
)
@click.option(
    "--sort",
    type=click.Choice(["confidence", "newest"]),
    default="confidence",
    show_default=True,
    help="Which of the quotes come first.",
)
@click.option("--context", is_flag=True, help="Show the sentences around each quote.")
@click.option("--explain", is_flag=True, help="Show the candidates and their scores.")
@click.option(
    "--render", type=click.Choice(["discord"]), help="Print the JSON that the bot would send."
)
@click.option(
    "--questions",
    type=click.File(encoding="utf-8", errors="replace"),
    help="A file with a question a line, or - for stdin; one JSON object a line comes out.",
)
@as_json_option
@click.pass_obj
def ask(
    obj: tuple[Library, Path, bool],
    question: tuple[str, ...],
    top: int,
    since: date | None,
    until: date | None,
    outlet: str | None,
    article: str | None,
    min_confidence: float | None,
    sort: str,
    context: bool,
    explain: bool,
    render: str | None,
    questions: Iterable[str] | None,
    as_json_: bool,
) -> int:
    """Quote the sentences that answer QUESTION, with their source; exit code 4 if there are none.

    \b
    pullquote ask "who vetoed the ceasefire?"
    pullquote ask "what did the bank announce?" --since "March 1987" --outlet Reuters
    pullquote ask --questions questions.txt > answers.jsonl
    """
    library, articles, _ = obj
    # A shell may hand over bytes that are no UTF-8; they become question marks.
    asked = " ".join(question).strip().encode(errors="replace").decode()
    if bool(asked) == (questions is not None):
        raise click.UsageError("give a question, or --questions FILE (- for stdin), not both")
    index_at_first(library, articles)
    filters = Filters(since, until, outlet, article)

    def answer(text: str) -> Answer:
        return library.ask(
            text,
            top=top,
            filters=filters,
            threshold=min_confidence,
            newest_first=sort == "newest",
            trace=explain,
        )

    if questions is not None:
        for line in questions:
            if line.strip():
                print_json(as_json.answer(answer(line.strip())), indent=None)
        return 0
    answered = answer(asked)
    if render:
        from bot.render import discord

        print_json(discord.payload(discord.answer(answered, key="0")))
    elif as_json_:
        print_json(as_json.answer(answered))
    else:
        from bot.render import terminal

        print_text(terminal.answer(answered, context=context))
    return 0 if answered.quotes else EXIT_NO_ANSWER


@cli.command()
@click.pass_obj
def chat(obj: tuple[Library, Path, bool]) -> int:
    """Ask at a prompt, with history; :source, :more and :quit are its commands."""
    from bot.commands.chat import converse

    library, articles, _ = obj
    index_at_first(library, articles)
    return converse(library)


@cli.command()
@click.argument("receipt")
@click.option("--diff", is_flag=True, help="Show what has changed in the article since.")
@as_json_option
@click.pass_obj
def source(obj: tuple[Library, Path, bool], receipt: str, diff: bool, as_json_: bool) -> int:
    """Show the article at a RECEIPT, the quote marked, and whether it has changed since."""
    view = obj[0].source(receipt)
    if view.current:
        click.echo("pullquote: the article has changed since; this is as it was quoted", err=True)
    if view.withdrawn:
        click.echo("pullquote: the article is gone from the index since", err=True)
    if as_json_:
        print_json(as_json.source(view))
    else:
        from bot.render import terminal

        print_text(terminal.difference(view) if diff else terminal.source(view))
    return 0


@cli.command()
@as_json_option
@click.pass_obj
def verify(obj: tuple[Library, Path, bool], as_json_: bool) -> int:
    """Compare every sentence of the index with the files on disk; exit code 1 if any differs."""
    with progress_bar() as progress:
        wrong = obj[0].verify(progress)
    status = obj[0].status()
    if as_json_:
        print_json({"sentences": status.sentences, "wrong": wrong})
    else:
        for line in wrong:
            click.echo(line)
        verdict = f"{len(wrong)} faults" if wrong else "as on disk"
        click.echo(f"{status.articles} articles, {status.sentences} sentences: {verdict}")
    return EXIT_FAULT if wrong else 0


@cli.command()
@click.option("--failed", is_flag=True, help="List what could not be taken, and why.")
@as_json_option
@click.pass_obj
def status(obj: tuple[Library, Path, bool], failed: bool, as_json_: bool) -> int:
    """Say what the index holds: articles, sentences, dates, encoder, revision, size."""
    if failed:
        from index.web import state

        failures = (*obj[0].failures(), *state.failures(obj[0].folder))
        if as_json_:
            print_json([as_json.failure(each) for each in failures])
        else:
            from bot.render import terminal

            print_text(terminal.failures(failures))
        return EXIT_FAULT if failures else 0
    found = obj[0].status()
    if as_json_:
        print_json(as_json.status(found))
    else:
        from bot.render import terminal

        print_text(terminal.status(found))
    return 0


cli.add_command(add_command)
cli.add_command(bot_command)
cli.add_command(check_command)
cli.add_command(compact_command)
cli.add_command(serve_command)
cli.add_command(doctor_command)
cli.add_command(eval_command)
cli.add_command(feeds_group)
cli.add_command(calibrate_command)
cli.add_command(feedback_command)
