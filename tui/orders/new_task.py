"""The spec of a task from the words of an order: what they mean in a repository."""

import os
import re
import shlex
from pathlib import Path
from typing import Any

from agent.client.intent import intent_of
from agent.client.request import request
from agent.protocol.errors import UsageError
from agent.protocol.task import TaskKind, TaskSpec
from tui.orders.order import NewTask

FRONT_END = "tui"
NO_MODEL = "this needs a language model, and none is configured"
WITHOUT_MODEL = "/fix, /verify and /index work without; docs/models.md says how to name one"
_FOR_MODELS = (TaskKind.DO, TaskKind.ASK, TaskKind.REVIEW)
_TEST_ID = re.compile(r"[^\s:]+\.py::[^\s\[]+(?:\[[^\]\n]*\])?")
_MENTION = re.compile(r"(?<!\S)@(?P<place>[^\s@]+)")


def spec_of(order: NewTask, root: Path, model: str | None) -> TaskSpec:
    """Return the spec of a task; reads files. Raises UsageError.

    `model` is who plans where the order does not name one. The task is attended: the screen asks.
    """
    options, words = order.options, without_marks(order.words, root)
    more: dict[str, Any] = {"attended": True, "front_end": FRONT_END}
    match order.kind:
        case TaskKind.FIX:
            more |= {"tests": tests_of(words, root)}
        case TaskKind.VERIFY:
            more |= _measured(words, root)
        case TaskKind.REVIEW:
            more |= _reviewed(words)
        case TaskKind.DO:
            more |= {"goal": words, "intent": intent_of(words)}
        case TaskKind.ASK:
            more |= {"goal": words}
    if order.kind in (TaskKind.FIX, TaskKind.DO):
        more |= {"apply": options.apply, "clean": options.clean, "branch": options.branch}
    spec = request(order.kind, root, budget=options.budget, planner=options.model or model, **more)
    if order.kind in _FOR_MODELS and not spec.stages:
        raise UsageError(NO_MODEL, hint=WITHOUT_MODEL)
    return spec


def tests_of(words: str, root: Path) -> tuple[str, ...]:
    """Return the tests that words name, or, when they do not, all of them as one shell command.

    Of several lines, as of a pasted log, the tests that are in it. Raises UsageError when there is none.
    """
    if "\n" in words:
        return _tests_in(words, root)
    named = _split(words)
    if all(_names_test(one, root) for one in named):
        return tuple(named)
    return (named[0] if len(named) == 1 else words,)


def without_marks(words: str, root: Path) -> str:
    """Return words with the `@` taken off whatever is there in the repository.

    What begins like that was chosen from the completion; `@ann` and `@dataclass` stay.
    """

    def plain(found: re.Match[str]) -> str:
        place = found["place"]
        return place if _is_there(place.rstrip(".,;:!?)"), root) else found[0]

    return _MENTION.sub(plain, words)


def ends(change: str) -> tuple[str, str | None]:
    """Return base and head of BASE..HEAD, or of BASE alone; a head of None is the working tree.

    Raises UsageError.
    """
    if "..." in change:
        raise UsageError("BASE...HEAD is not understood", hint="use BASE..HEAD")
    base, dots, head = change.partition("..")
    return base, (head or "HEAD") if dots else None


def _measured(words: str, root: Path) -> dict[str, Any]:
    first, *rest = _split(words) or [""]
    if not first or _names_test(first, root):
        return {"tests": tuple(_split(words))}
    base, head = ends(first)
    wrong = [one for one in rest if not _names_test(one, root)]
    if wrong:
        raise UsageError(f"{wrong[0]!r} is no test of this repository", hint="/verify BASE..HEAD TEST…")
    return {"base": base or None, "head": head, "tests": tuple(rest)}


def _reviewed(words: str) -> dict[str, Any]:
    change, _, about = words.partition(" ")
    if ".." not in change:
        return {"goal": words}
    base, head = ends(change)
    return {"base": base or None, "head": head, "goal": about.strip()}


def _tests_in(log: str, root: Path) -> tuple[str, ...]:
    found = dict.fromkeys(one for one in _TEST_ID.findall(log) if _is_there(one, root))
    if not found:
        raise UsageError(
            "no test of this repository is named in these lines", hint="/do with them leaves it to a model"
        )
    return tuple(found)


def _split(words: str) -> list[str]:
    try:
        return shlex.split(words)
    except ValueError:
        return [words]


def _names_test(word: str, root: Path) -> bool:
    return "::" in word or word.endswith(".py") or _is_there(word, root)


def _is_there(word: str, root: Path) -> bool:
    path = word.partition("::")[0].partition(":")[0]
    try:
        return bool(path) and os.path.lexists(root / path)
    except (OSError, ValueError):
        # Too long for a name, or with a zero byte in it.
        return False
