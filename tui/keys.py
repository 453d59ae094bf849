"""Keys that move as in vi, where nothing is typed and no screen has a use of its own for them."""

from textual.binding import Binding

_MOVES = {
    "j": "down",
    "k": "up",
    "h": "left",
    "l": "right",
    "g": "home",
    "G": "end",
    "ctrl+d": "pagedown",
    "ctrl+u": "pageup",
}

# On the app, so that whatever has the focus comes first.
VIM_KEYS = [
    Binding(key, f"move('{as_if}')", "Move as in vi", show=False, system=True)
    for key, as_if in _MOVES.items()
]
