"""What models are told: the Markdown files of `prompts`, with `$names` in them."""

from functools import cache
from importlib.resources import files
from string import Template


def prompt(name: str, **values: str) -> str:
    """Return a prompt with every name filled in; raises KeyError when one is missing."""
    return Template(_text(name)).substitute(values).strip() + "\n"


@cache
def _text(name: str) -> str:
    return files("agent.planners.llm").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
