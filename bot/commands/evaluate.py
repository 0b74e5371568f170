"""The commands `eval` and `calibrate`: labelled questions -> figures, and the threshold."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.console import (
    Workspace,
    as_json_option,
    index_at_first,
    locked,
    print_json,
    print_text,
    progress_bar,
)
from index.errors import ReceiptError
from index.records import Answer

if TYPE_CHECKING:
    from index.measure.evaluate import Evaluation

questions_argument = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)


@click.command("eval")
@questions_argument
@click.option("--verbose", is_flag=True, help="Show what became of each question.")
@as_json_option
@click.pass_obj
def eval_command(workspace: Workspace, file: Path, verbose: bool, as_json_: bool) -> int:
    """Ask the labelled questions in FILE; say how well they are answered and refused.

    FILE holds a JSON object a line: a "question" and what answers it ("answers", "quote" or
    "receipt"), or none of these where the articles do not answer; see docs/evaluating.md.

    \b
    pullquote eval questions.jsonl
    pullquote eval questions.jsonl --verbose --json > figures.json
    """
    from bot.render import as_json, tables

    result = _evaluate(workspace, file)
    if as_json_:
        print_json(as_json.evaluation(result, verbose=verbose))
    else:
        print_text(tables.evaluation(result, verbose=verbose))
    return 0


@click.command("calibrate")
@questions_argument
@click.option(
    "--precision",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.95,
    show_default=True,
    help="Share of the answered questions that must be answered rightly.",
)
@click.option("--dry-run", is_flag=True, help="Only say what the threshold would be.")
@as_json_option
@click.pass_obj
def calibrate_command(
    workspace: Workspace, file: Path, precision: float, dry_run: bool, as_json_: bool
) -> int:
    """Fit the confidence below which this index refuses to the labelled questions in FILE.

    It is the lowest one at which the answered questions keep the precision. A second one is fitted
    below it, from which quotes are shown as *perhaps*: six of ten are right. The index keeps both.
    FILE is as for `pullquote eval`; questions that the articles do not answer belong in it.

    \b
    pullquote calibrate questions.jsonl
    pullquote calibrate questions.jsonl --precision 0.9 --dry-run
    """
    from bot.render import as_json, tables
    from index.measure.figures import fit_threshold

    library = workspace.library
    result = _evaluate(workspace, file)
    fitted = fit_threshold(result.pairs, precision)
    if not dry_run:
        sure, perhaps = fitted.chosen, fitted.perhaps or fitted.chosen
        locked(
            lambda wait_s: library.set_threshold(sure.threshold, perhaps.threshold, wait_s=wait_s)
        )
    if as_json_:
        print_json(as_json.threshold(fitted, wanted=precision, kept=not dry_run))
    else:
        print_text(tables.threshold(fitted, kept=not dry_run))
    return 0


def _evaluate(workspace: Workspace, file: Path) -> Evaluation:
    """Ask and judge all questions of a file, with the threshold that the index has."""
    from index.measure.evaluate import TOP, evaluate, read_cases

    library = workspace.library
    cases = read_cases(file)
    index_at_first(workspace)
    for case in cases:
        if case.receipt:
            view = library.source(str(case.receipt))
            if view.current or view.withdrawn:
                raise ReceiptError(
                    str(case.receipt), "the article has changed or gone since; take a new receipt"
                )
    number = count()
    with progress_bar() as progress:

        def ask(question: str) -> Answer:
            progress("asking", next(number), len(cases))
            return library.ask(question, top=TOP, threshold=0.0)

        return evaluate(ask, cases, library.threshold)
