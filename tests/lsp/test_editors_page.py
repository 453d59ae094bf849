"""docs/editors.md says what there is."""

import json
import re
from pathlib import Path

from lsp.names import CommandName
from lsp.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "editors.md").read_text()


def rows(heading: str) -> list[list[str]]:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_the_table_of_settings_is_the_settings_with_their_defaults() -> None:
    told = {name.strip("`"): json.loads(default.strip("`")) for name, default, _ in rows("Settings")}
    assert told == {name: field.default for name, field in Settings.model_fields.items()}


def test_the_table_of_commands_is_the_commands() -> None:
    assert {name.strip("`") for name, _ in rows("Commands")} == set(CommandName)


def test_the_files_that_it_names_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (Path(__file__).parents[2] / "docs" / target).exists(), target
