"""A question, in a process that says when each of its steps was done: run by ``bench.stages``.

Imports nothing before it is told to, so that every import is counted where it belongs.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

BEGUN = "PULLQUOTE_BENCH_BEGUN"


def main() -> None:
    begun = float(os.environ[BEGUN])
    marks = {"start Python": time.monotonic() - begun}

    def mark(name: str) -> None:
        marks[name] = time.monotonic() - begun

    def after(owner: Any, method: str, name: str) -> None:
        whole: Callable[..., Any] = getattr(owner, method)

        def timed(*args: Any, **kwargs: Any) -> Any:
            try:
                return whole(*args, **kwargs)
            finally:
                mark(name)

        setattr(owner, method, timed)

    import numpy  # noqa: F401

    mark("import NumPy")
    import pydantic_settings  # noqa: F401

    mark("import pydantic-settings")
    import bot.cli
    import bot.commands.ask

    mark("import the rest of the command line")
    from index import library
    from index.ask.judge import ReaderJudge
    from index.encoder.encode import ExportedEncoder
    from index.store.revisions import Store

    after(ReaderJudge, "prepare", "settings, library")
    after(Store, "_open", "import FAISS and tantivy, open the index")
    after(ExportedEncoder, "encode", "import ONNX Runtime, open the encoder, encode")
    after(library, "search", "search")
    after(ReaderJudge, "judge", "wait for the reader, read")
    code = bot.cli.main()
    mark("quote, render, print")
    print(json.dumps(marks), file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
