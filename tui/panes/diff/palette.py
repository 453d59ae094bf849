"""The colours of a diff: behind its lines, or, where there are only 16 of them, on the text itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

MUTED = "$foreground 60%"
SIGNS = MappingProxyType({"-": "bold $text-error", "+": "bold $text-success", " ": MUTED})
DROPPED = "bold $text-warning"


@dataclass(frozen=True, slots=True)
class Palette:
    """Styles by the sign of a line."""

    behind: Mapping[str, str]
    text: Mapping[str, str]
    words: Mapping[str, str]
    file: str
    """Behind the name of a file."""
    nothing: str
    """Where there is no line beside another one."""
    syntax: bool
    """Colour the language, too; with few colours that could not be told from the rest."""


MANY = Palette(
    behind=MappingProxyType({"-": "on $error 15%", "+": "on $success 15%", " ": ""}),
    text=MappingProxyType({"-": "", "+": "", " ": ""}),
    words=MappingProxyType({"-": "bold on $error 40%", "+": "bold on $success 40%"}),
    file="on $panel",
    nothing="on $boost",
    syntax=True,
)
FEW = Palette(
    behind=MappingProxyType({"-": "", "+": "", " ": ""}),
    text=MappingProxyType({"-": "$text-error", "+": "$text-success", " ": ""}),
    words=MappingProxyType({"-": "bold reverse", "+": "bold reverse"}),
    file="underline",
    nothing="",
    syntax=False,
)
