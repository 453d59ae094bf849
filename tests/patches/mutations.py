"""Valid edits, broken the way models and attackers break them."""

import random
from functools import cache

from agent.patches.render import render
from agent.protocol.model import EditFormat
from tests.patches.applying import python_definitions
from tests.patches.cases import changes

Case = tuple[dict[str, bytes], str]
_PIECES = (
    *(
        "<<<<<<< SEARCH",
        "=======",
        ">>>>>>> REPLACE",
        "```",
        "```python",
        "````",
        "~~~",
        "@@",
        "@@ -1,2 +3,4 @@",
    ),
    *("--- a/x", "+++ b/x", "--- /dev/null", "+++ /dev/null", "diff --git a/x b/y", "rename from a.py0"),
    *("*** Begin Patch", "*** End Patch", "*** Update File: a.py0", "*** Add File: ../../etc/passwd"),
    *(
        "*** Delete File: Makefile0",
        "*** Move to: ../x",
        "*** Move File: a.py0 -> .git/hooks/x",
        "*** End of File",
    ),
    *(
        "\\ No newline at end of file",
        "...",
        "# ... rest of the code ...",
        "",
        "    ",
        "+",
        "-",
        " ",
        "a.py0::f",
    ),
    *(
        "\ufeff",
        "\u2028",
        "\x00",
        "\x0c",
        "\r",
        "\ud800",
        "é",
        "🦀",
        "GIT binary patch",
        "new file mode 120000",
    ),
)
_PATHS = (
    *(
        "../x",
        "/etc/passwd",
        "a/../../x",
        ".git/config",
        ".GIT/hooks/pre-commit",
        "C:\\x",
        "..\\x",
        "~/.ssh/id",
    ),
    *(
        "a.py0",
        "./a.py0",
        "a//b",
        "x\x00y",
        "\u200c.git/x",
        "git~1/x",
        "a" * 5000,
        "",
        ".",
        "a.py0/b",
        "Makefile0",
    ),
)


@cache
def valid_edits(format: EditFormat, count: int = 240) -> tuple[Case, ...]:
    """Return small files and texts that edit them."""
    made: list[Case] = []
    for before, after in changes(7, 4 * count, max_lines=14):
        if len(made) < count and sum(map(len, before.values())) < 700:
            made.append((before, render(format, before, after, python_definitions)))
    return tuple(made)


def mutated(rng: random.Random, text: str) -> str:
    """Return the text with one to four things broken; one in twenty stays as it is."""
    for _ in range(rng.choice((0, *(1,) * 10, *(2,) * 5, 3, 3, 4, 4))):
        lines = text.split("\n")
        at = rng.randrange(len(lines))
        text = _MUTATIONS[rng.randrange(len(_MUTATIONS))](rng, lines, at)
    return text


def _dropped(rng: random.Random, lines: list[str], at: int) -> str:
    del lines[at : at + rng.randint(1, 3)]
    return "\n".join(lines)


def _doubled(rng: random.Random, lines: list[str], at: int) -> str:
    lines[at:at] = lines[at : at + rng.randint(1, 8)]
    return "\n".join(lines)


def _swapped(rng: random.Random, lines: list[str], at: int) -> str:
    other = rng.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines)


def _inserted(rng: random.Random, lines: list[str], at: int) -> str:
    lines.insert(at, rng.choice(_PIECES))
    return "\n".join(lines)


def _pierced(rng: random.Random, lines: list[str], at: int) -> str:
    column = rng.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:column] + rng.choice(_PIECES) + lines[at][column + rng.randrange(3) :]
    return "\n".join(lines)


def _indented(rng: random.Random, lines: list[str], at: int) -> str:
    for number in range(at, min(len(lines), at + rng.randint(1, 6))):
        line = lines[number]
        lines[number] = line[1:] if rng.random() < 0.3 else rng.choice((" ", "\t", "    ")) + line
    return "\n".join(lines)


def _trailed(rng: random.Random, lines: list[str], at: int) -> str:
    lines[at] += rng.choice((" ", "\t", "\r", "  \r"))
    return "\n".join(lines)


def _ended(rng: random.Random, lines: list[str], at: int) -> str:
    return "\r\n".join(lines) if rng.random() < 0.5 else "\n".join(lines[: at + 1])


def _renamed(rng: random.Random, lines: list[str], at: int) -> str:
    text = "\n".join(lines)
    return text.replace(rng.choice(("a.py0", "pkg/b.txt0", "Makefile0")), rng.choice(_PATHS))


def _numbered(rng: random.Random, lines: list[str], at: int) -> str:
    digits = [number for number, line in enumerate(lines) if line.startswith("@@ -")]
    for number in digits[:2]:
        old, new = rng.randrange(200), rng.choice((0, 1, 7, 10**12))
        lines[number] = f"@@ -{old},{rng.randrange(20)} +{new},{rng.randrange(20)} @@"
    return "\n".join(lines)


_MUTATIONS = (
    *(_dropped, _doubled, _swapped, _inserted, _pierced, _indented, _trailed, _ended, _renamed, _numbered),
)
