"""What an index holds, and what it could not take -> lines for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from bot.render.layout import Hanging
from bot.signs import visible
from index.library import Status
from index.records import Failure


def status(status: Status) -> Group:
    """What the index holds, a fact a line."""
    first, last = status.covers or (None, None)
    facts = {
        "index": status.folder,
        "follows": ", ".join(status.roots) or "nothing",
        "articles": f"{status.articles:,}",
        "sentences": f"{status.sentences:,}",
        "dates": f"{first} to {last}" if first else "no article is dated",
        "outlets": ", ".join(status.outlets) or "none named",
        "encoder": status.encoder,
        "revision": status.revision,
        "failed": f"{status.failed}; see `pullquote status --failed`"
        if status.failed
        else "nothing",
        "size": f"{status.size_bytes / 1e6:,.1f} MB, {status.encoder_bytes / 1e6:,.1f} of it the "
        "encoder",
    }
    return Group(
        *(
            Hanging(Text(f"{name:10} ", "source"), Text(visible(str(fact))), whole=True)
            for name, fact in facts.items()
        )
    )


def failures(failures: Sequence[Failure]) -> Group:
    """What could not be taken, when, and when it is tried again."""
    if not failures:
        return Group(Text("nothing failed"))
    lines, indent = [], Text("   ")
    for each in failures:
        times = "once" if each.tries == 1 else f"{each.tries} times"
        again = f"; again from {each.next_try:%Y-%m-%d %H:%M} UTC" if each.next_try else ""
        since = f"since {each.first:%Y-%m-%d %H:%M} UTC, tried {times}{again}"
        lines += [
            Hanging(Text(""), Text(visible(each.name), "heading"), whole=True),
            Hanging(indent, Text(visible(each.reason))),
            Hanging(indent, Text(since, "source")),
        ]
    return Group(*lines)
