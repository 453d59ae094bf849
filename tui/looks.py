"""Which theme suits a terminal."""

COLOURFUL = "textual-dark"
OF_THE_TERMINAL = "ansi-dark"
"""Uses the terminal's own background and its 16 colours."""


def suiting(colour_system: str | None, *, no_colour: bool) -> str:
    """Return the theme for what Rich calls the terminal's colour system, where the user chose none."""
    return OF_THE_TERMINAL if no_colour or colour_system in (None, "standard") else COLOURFUL
