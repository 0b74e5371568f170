"""Settings come from the environment and .env, and .env.example tells them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"


def test_the_example_lists_every_setting_with_its_default() -> None:
    """Every setting stands in .env.example, nothing else does, and its value is the default."""
    lines = [line for line in EXAMPLE.read_text("utf-8").splitlines() if "=" in line]
    shown = dict(line.split("=", 1) for line in lines)
    defaults = {
        f"PULLQUOTE_{name.upper()}": "" if field.default is None else str(field.default)
        for name, field in Settings.model_fields.items()
    }
    assert shown == defaults


def test_an_environment_variable_wins_over_dotenv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in the environment is taken before what stands in .env."""
    (tmp_path / ".env").write_text("PULLQUOTE_ARTICLES=there\nPULLQUOTE_INDEX=kept\n", "utf-8")
    monkeypatch.setenv("PULLQUOTE_ARTICLES", "here")
    settings = Settings()
    assert (settings.articles, settings.index) == (Path("here"), Path("kept"))


def test_an_empty_value_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is set to nothing counts as not set."""
    monkeypatch.setenv("PULLQUOTE_ENCODER", "")
    assert Settings().encoder is None
