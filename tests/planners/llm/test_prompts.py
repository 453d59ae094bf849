"""Prompts are files; each names exactly what it is given."""

import re
from importlib.resources import files

import pytest

from agent.planners.llm.prompt import prompt

NAMES = {
    "system": set(),
    "fix": {"tests", "goal"},
    "do": {"goal", "proof", "tests"},
    "implement": set(),
    "refactor": set(),
    "ask": {"goal"},
    "review": {"change", "goal"},
}


def test_every_prompt_is_known_here() -> None:
    folder = files("agent.planners.llm").joinpath("prompts")
    assert {one.name for one in folder.iterdir() if one.name.endswith(".md")} == {
        f"{name}.md" for name in NAMES
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_takes_its_values_as_they_are(name: str) -> None:
    text = prompt(name, **{value: f"$[{value}] ${{x}}" for value in NAMES[name]})
    for value in NAMES[name]:
        assert f"$[{value}] ${{x}}" in text
    assert text.endswith("\n")
    assert not re.search(r"\$[a-z]", text)


def test_a_missing_value_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(KeyError, match="goal"):
        prompt("ask")
