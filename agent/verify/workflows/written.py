"""What a step writes for those after it, as far as its script says it word by word."""

import re
from collections.abc import Mapping

_ECHO = re.compile(
    r"""^\s*echo\s+(?P<quote>["']?)(?P<name>[A-Za-z_][\w-]{0,80})=(?P<value>[^"'\n]{0,2000}?)(?P=quote)"""
    r"""\s*>>\s*["']?\$\{?(?P<file>GITHUB_ENV|GITHUB_OUTPUT)\}?["']?\s*$""",
    re.MULTILINE,
)
_PLAIN = re.compile(r"[^$`\\*?\[\]{}~<>|&;()#!]*")


def written(script: str, file: str) -> Mapping[str, str | None]:
    """Return what a script writes to `GITHUB_ENV` or `GITHUB_OUTPUT`; None where a shell makes it."""
    found: dict[str, str | None] = {}
    for match in _ECHO.finditer(script):
        if match["file"] == file:
            value, quoted = match["value"], bool(match["quote"])
            plain = _PLAIN.fullmatch(value) and (quoted or len(value.split()) <= 1)
            # The same name again may stand in a branch that was not taken.
            known = value if plain and match["name"] not in found else None
            found[match["name"]] = known if _is_certain(script, match) else None
    return found


def _is_certain(script: str, match: re.Match[str]) -> bool:
    """Say whether a line is run whenever the script is: no line before it decides anything."""
    return not re.search(r"(?m)^\s*(if|for|while|case|until|exit)\b", script[: match.start()])
