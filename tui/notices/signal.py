"""A sound or a notification of the desktop, in the words of the terminal."""

from collections.abc import Mapping

from agent.sections import Notify
from tui.safe import line

BELL = "\a"
_MOST = 120
_MULTIPLEXERS = ("TMUX", "STY")
# The terminals that know OSC 777 and not, or with another meaning, OSC 9.
_VTE = ("VTE_VERSION", "KONSOLE_VERSION")
_RXVT = ("rxvt", "foot")


def signal(how: Notify, title: str, text: str, environ: Mapping[str, str]) -> str:
    """Return what has to be written to the terminal; the texts may be of outside.

    OSC 777 is rxvt's, OSC 9 that of iTerm2, and most others follow one of them. A multiplexer would pass
    neither on: there it is the bell, which it shows at the window.
    """
    if how is Notify.OFF:
        return ""
    if how is Notify.BELL or any(environ.get(name) for name in _MULTIPLEXERS):
        return BELL
    known = any(environ.get(name) for name in _VTE) or environ.get("TERM", "").startswith(_RXVT)
    if known:
        return f"\x1b]777;notify;{_plain(title)};{_plain(text)}{BELL}"
    return f"\x1b]9;{_plain(f'{title}: {text}')}{BELL}"


def _plain(text: str) -> str:
    """Return text that cannot end the sequence it stands in, nor be taken for a part of its own."""
    return "".join(one for one in line(text, _MOST) if one.isprintable()).replace(";", ",").strip()
