"""Seeded changes to real and synthetic files: any line ends, encodings and last lines."""

import random
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from agent.patches.document import read_document

SUFFIXES = (".py", ".md", ".txt", ".rst", ".toml", ".cfg", ".js", ".css", ".html", ".json", ".pyi")
STDLIB = ("", "test", "encodings", "json", "email", "test/encoded_modules", "test/cjkencodings", "unittest")
PACKAGES = (
    "pydantic",
    "rich",
    "click",
    "hypothesis",
    "sqlalchemy/orm",
    "docker/models",
    "httpx",
    "mypy",
    "fastapi",
)
_LINES = (
    *(
        "",
        "    ",
        "x = 1",
        "    return None",
        "\tindented = 'tab'",
        "=======",
        "<<<<<<< SEARCH",
        "```",
        "```python",
    ),
    *(
        ">>>>>>> REPLACE",
        "--- a/x",
        "+++ b/x",
        "@@ -1,2 +1,2 @@",
        "*** End Patch",
        "*** Update File: a.py",
        "- item",
    ),
    *(
        "# naïve café",
        "日本語 = '文字'",
        "emoji = '🦀'",
        "\x0cform feed",
        "a\u2028b",
        "trailing   ",
        "}",
        "\\",
        "...",
    ),
)
_SIZES = (*(20,) * 6, *(80,) * 8, *(250,) * 5, 2000)
_NARROW = ("# naïve café", "x = '§'", "plain", "    ", "", "=======")


@cache
def real_files(limit: int = 3000) -> tuple[Path, ...]:
    """Return text files of installed packages and of the standard library with its own tests."""
    stdlib, purelib = Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib"))
    places = [*(stdlib / name for name in STDLIB), *(purelib / name for name in PACKAGES)]
    found = sorted(
        path
        for place in places
        for path in place.glob("*")
        if path.suffix in SUFFIXES and path.is_file() and path.stat().st_size < 40_000
    )
    random.Random(0).shuffle(found)
    return tuple(found[:limit])


def changes(
    seed: int, count: int, max_lines: int | None = None
) -> Iterator[tuple[dict[str, bytes], dict[str, bytes]]]:
    """Yield files before and after; all but a few in ten thousand changes can be said in every format."""
    rng = random.Random(seed)
    files = real_files()
    for _ in range(count):
        before: dict[str, bytes] = {}
        for number in range(1 if rng.random() < 0.8 else 3):
            content = varied(rng, rng.choice(files).read_bytes(), max_lines or rng.choice(_SIZES))
            before[rng.choice(("a.py", "pkg/b.txt", "d/ü/c d.md", "Makefile")) + str(number)] = content
        after = dict(before)
        for path in [*before]:
            fate = rng.random()
            if fate < 0.04 and len(before) > 1:
                del after[path]
            elif fate < 0.08 and before[path] and _is_text(before[path]):
                after[path + ".new"] = before.pop(path)
            else:
                after[path] = edited(rng, before[path])
        if before != after:
            yield before, after


def varied(rng: random.Random, content: bytes, max_lines: int) -> bytes:
    """Return the content as another editor or system might have left it."""
    lines = content.split(b"\n")[:max_lines]
    kind = rng.randrange(9)
    if kind == 1:
        lines = [line.rstrip(b"\r") + b"\r" for line in lines[:-1]] + lines[-1:]
    elif kind == 2:
        lines = [line + rng.choice((b"", b"", b"\r")) for line in lines[:-1]] + lines[-1:]
    elif kind == 3:
        lines = lines[:-1] if not lines[-1] else lines
    elif kind == 4:
        lines[0] = b"\xef\xbb\xbf" + lines[0].removeprefix(b"\xef\xbb\xbf")
    elif kind == 5 and _is_text(content) and b"\n".join(lines).isascii():
        lines[rng.randrange(len(lines))] += b" # caf\xe9"
    elif kind == 6:
        start = rng.randrange(len(lines))
        lines = lines[start : start + rng.randrange(30)]
    elif kind == 7:
        lines = [*lines[:40], *lines[:40], *lines[:40]]
    return b"\n".join(lines)


def edited(rng: random.Random, content: bytes) -> bytes:
    """Return the content with a few lines changed, in the file's own charset."""
    charset = read_document(content).charset
    lines = content.splitlines(keepends=True) if b"\r" not in content else _kept(content)
    bom = bool(lines) and lines[0].startswith(b"\xef\xbb\xbf")
    end = _end(rng, lines)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(bom, len(lines) + 1) if len(lines) >= bom else 0
        fresh = rng.choice(_LINES if charset == "utf-8" else _NARROW).encode(charset) + end
        operation = rng.randrange(6)
        if operation == 0:
            lines.insert(at, fresh)
        elif operation == 1:
            del lines[at : at + rng.randint(1, 6)]
        elif operation == 2:
            lines[at : at + 1] = [fresh]
        elif operation == 3 and len(lines) > bom:
            _put(lines, at, rng.choice(lines[bom:]), end, charset)
        elif operation == 4 and at < len(lines) and lines[at].strip() and _is_own(lines[at], charset):
            lines[at] = b"    " + lines[at]
        elif operation == 5 and at < len(lines):
            lines[at : at + 4] = (
                lines[at : at + 4][::-1] if _is_own(b"".join(lines[at : at + 4]), charset) else []
            )
    # Only the last line may lack an end.
    closed = [line if line.endswith(b"\n") else line + end for line in lines[:-1]] + lines[-1:]
    if closed and rng.random() < 0.1:
        closed[-1] = closed[-1].rstrip(b"\r\n") if rng.random() < 0.5 else closed[-1].rstrip(b"\r\n") + end
    return b"".join(closed)


def _kept(content: bytes) -> list[bytes]:
    parts = content.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _end(rng: random.Random, lines: list[bytes]) -> bytes:
    used = rng.choice(lines) if lines else b"\n"
    return b"\r\n" if used.endswith(b"\r\n") else b"\n"


def _put(lines: list[bytes], at: int, line: bytes, end: bytes, charset: str) -> None:
    if _is_own(line, charset):
        lines.insert(at, line if line.endswith(b"\n") else line + end)


def _is_own(line: bytes, charset: str) -> bool:
    """Say whether a line can be written anew: it is valid in the file's charset."""
    return charset == "latin-1" or _is_text(line)


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
