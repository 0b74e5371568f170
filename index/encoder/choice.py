"""Which encoder makes an index, and asks it: the packaged one, another, or one handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from index.encoder import export
from index.encoder.encode import Encoder, ExportedEncoder
from index.errors import StoreFormatError

SAMPLE_TEXTS = 256
"""Sentences of a store with which an encoder exported on a machine that only asks is checked."""


class EncoderChoice:
    """One encoder, opened when it is needed, and kept open.

    ``model`` is None for the packaged one, else a folder or hub name; ``given`` stands in for both
    runtimes of it. ``models`` is the folder of exported ones.
    """

    def __init__(self, model: str | None, given: Encoder | None, models: Path) -> None:
        self.given = given
        self._model = model
        self._models = models
        self._asker: Encoder | None = given

    @property
    def ready(self) -> bool:
        """Whether an encoder was exported here already; else the first indexing does it, once."""
        return self.given is not None or self._models.is_dir()

    def refuse_other(self, name: str, place: Path) -> None:
        """See that the vectors of what lies at ``place`` are of this encoder.

        Raises:
            StoreFormatError: they are of another one.
        """
        if self.given is not None:
            wanted = self.given.name
        elif self._model is None:
            wanted = f"{export.DEFAULT_NAME}@{export.DEFAULT_WEIGHTS[:12]}"
        else:
            wanted = f"{Path(self._model).name}@"
        if not name.startswith(wanted):
            raise StoreFormatError(
                f"{place}: made with the encoder {name}, not {wanted.rstrip('@')}; set "
                "PULLQUOTE_ENCODER back, or run `pullquote index --rebuild`"
            )

    def to_ask(
        self, name: str, place: Path | str, sample: Callable[[], Iterator[str]] | None
    ) -> Encoder:
        """The encoder of this name, for questions about what lies at ``place``.

        Where it was not exported here, and there is a ``sample`` of sentences to check it with, it
        is exported now.

        Raises:
            StoreFormatError: it must be exported, and is another one.
            ModelError: it is missing, or can't be exported.
        """
        if self._asker is None or self._asker.name != name:
            folder = export.folder_of(self._models, name)
            if sample is not None and not folder.exists():
                folder = self._export(name, place, sample())
            self._asker = ExportedEncoder(folder)
        return self._asker

    def to_index(self) -> tuple[str, Callable[[Sequence[str]], Encoder]]:
        """The encoder's name, and what opens it; given sentences to check an export with."""
        given = self.given
        if given is not None:
            return given.name, lambda _sample: given
        source = export.locate(self._model)

        def open_encoder(sample: Sequence[str]) -> Encoder:
            return ExportedEncoder(export.export(source, self._models, sample), fast=True)

        return source.name, open_encoder

    def _export(self, name: str, place: Path | str, sample: Iterator[str]) -> Path:
        source = export.locate(self._model)
        if source.name != name:
            raise StoreFormatError(
                f"{place}: made with the encoder {name}, not {source.name}; "
                "set PULLQUOTE_ENCODER as it is where the articles are"
            )
        return export.export(source, self._models, list(islice(sample, SAMPLE_TEXTS)))
