"""The paths in the headers of a diff, as git quotes and prefixes them."""

import re

from agent.patches.parsing.named import plain_path

DEV_NULL = "/dev/null"
_ESCAPES = {"n": b"\n", "t": b"\t", "r": b"\r", '"': b'"', "\\": b"\\", "a": b"\a", "b": b"\b", "f": b"\f"}
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_QUOTED = re.compile(r'^"((?:[^"\\]|\\.)*)"')


def header_paths(old: str, new: str) -> tuple[str, str]:
    """Return the old and the new path of a `---` and a `+++` line, without git's a/ and b/."""
    return _unprefixed(diff_path(old[4:]), diff_path(new[4:]))


def git_paths(line: str) -> tuple[str, str]:
    """Return the paths of a `diff --git` line; empty when it cannot be divided."""
    rest = line.removeprefix("diff --git ")
    if quoted := _QUOTED.match(rest):
        return _unprefixed(diff_path(quoted[0]), diff_path(rest[quoted.end() :]))
    # Names with spaces are not quoted: both are most often the same, which halves the line.
    middle = len(rest) // 2
    if rest[middle : middle + 1] == " " and rest[2:middle] == rest[middle + 3 :]:
        return _unprefixed(rest[:middle], rest[middle + 1 :])
    old, space, new = rest.partition(" b/")
    return _unprefixed(old, f"b/{new}") if space else ("", "")


def diff_path(written: str) -> str:
    """Return the path of a header: unquoted, without a time stamp behind a tab."""
    written = written.strip()
    if quoted := _QUOTED.match(written):
        return _unquoted(quoted[1])
    return written.split("\t", 1)[0].strip()


def _unprefixed(old: str, new: str) -> tuple[str, str]:
    is_git = old.startswith("a/") or old == DEV_NULL, new.startswith("b/") or new == DEV_NULL
    if all(is_git):
        old = old if old == DEV_NULL else old[2:]
        new = new if new == DEV_NULL else new[2:]
    return plain_path(old), plain_path(new)


def _unquoted(text: str) -> str:
    def plain(found: re.Match[bytes]) -> bytes:
        sign = found[1]
        if len(sign) == 3:
            return bytes([int(sign, 8) & 255])
        return _ESCAPES.get(sign.decode("latin-1"), sign)

    return _ESCAPE.sub(plain, text.encode("utf-8")).decode("utf-8", "replace")
