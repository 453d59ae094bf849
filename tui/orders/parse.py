"""From what was said at the prompt to an order; pure."""

import difflib
import re
from collections.abc import Mapping
from typing import Any

from agent.protocol.policy import ApprovalScope
from agent.protocol.task import TaskKind
from tui.orders.commands import COMMANDS, OPTIONS
from tui.orders.order import (
    Act,
    ChooseModel,
    Misunderstood,
    NewTask,
    Options,
    Order,
    Show,
    Tell,
    Verb,
    Words,
)

_COMMAND = re.compile(r"/(?P<name>[A-Za-z?]+)(?:\s+(?P<rest>.*))?", re.DOTALL)
_FLAGS = {"--apply": "apply", "--clean": "clean"}
_VALUES = {"--branch": "branch", "--model": "model", "--budget": "budget"}
_NEED_WORDS = {TaskKind.DO: "what to do", TaskKind.ASK: "what to ask"}
_ACTIONS = {"help": "app.show_help_panel", "theme": "app.change_theme", "quit": "app.quit"}
_SCREENS = ("tasks", "index", "doctor", "settings")
_OTHER_NAMES = {"exit": "quit", "q": "quit", "h": "help", "?": "help", "stop": "cancel", "symbols": "index"}


def parse(text: str) -> Order:
    """Return what a text asks for.

    A command is a `/` and a word; a path such as `/usr/lib/x.py` is none, nor is what begins with `//`, which
    says a `/` of one's own.
    """
    said = text.strip()
    found = _COMMAND.fullmatch(said)
    if found is None:
        return Words(said.removeprefix("/") if said.startswith("//") else said)
    name = found["name"].lower()
    return _command(_OTHER_NAMES.get(name, name), (found["rest"] or "").strip())


def _command(name: str, rest: str) -> Order:
    if name in _ACTIONS:
        return Act(_ACTIONS[name])
    if name in _SCREENS:
        return Show(name, rest)
    if name == "model":
        return ChooseModel(rest)
    if name in tuple(TaskKind) and name != TaskKind.REPLY:
        return _new_task(TaskKind(name), rest)
    if name in tuple(Verb):
        return _tell(Verb(name), rest)
    near = difflib.get_close_matches(name, COMMANDS, 1)
    hint = f"did you mean /{near[0]}? " if near else ""
    return Misunderstood(f"there is no command /{name}", f"{hint}/help lists them, // begins a text with a /")


def _tell(verb: Verb, rest: str) -> Order:
    if verb is Verb.APPROVE:
        return _approve(rest)
    if verb is Verb.DENY:
        return Tell(verb, reason=rest)
    if verb is not Verb.PRIORITY:
        return Tell(verb, rest)
    number, _, task = rest.partition(" ")
    if not number.isascii() or not number.isdigit() or int(number[:5]) > 1000:
        return Misunderstood(
            "a priority is a number from 0 to 1000", "/priority 10 goes before the usual 100"
        )
    return Tell(verb, task.strip(), priority=int(number))


def _approve(rest: str) -> Order:
    first, _, reason = rest.partition(" ")
    if first == "--task":
        return Tell(Verb.APPROVE, reason=reason.strip(), scope=ApprovalScope.TASK)
    if first == "--pattern":
        pattern, _, reason = reason.strip().partition(" ")
        if not pattern:
            return Misunderstood(
                "/approve --pattern does not say which", "such as /approve --pattern 'src/*'"
            )
        pattern = pattern.strip("'\"")
        return Tell(Verb.APPROVE, reason=reason.strip(), scope=ApprovalScope.PATTERN, pattern=pattern)
    return Tell(Verb.APPROVE, reason=rest)


def _new_task(kind: TaskKind, rest: str) -> Order:
    given: dict[str, Any] = {}
    while rest.startswith("--"):
        name, _, rest = rest.partition(" ")
        rest = rest.lstrip()
        if name in _FLAGS:
            given[_FLAGS[name]] = True
        elif name in _VALUES and rest:
            given[_VALUES[name]], _, rest = rest.partition(" ")
            rest = rest.lstrip()
        else:
            return Misunderstood(f"{name} is not understood here", f"/{kind} takes {', '.join(OPTIONS)}")
    if kind in _NEED_WORDS and not rest:
        return Misunderstood(f"/{kind} does not say {_NEED_WORDS[kind]}", COMMANDS[kind].usage)
    return _checked(kind, rest, given)


def _checked(kind: TaskKind, rest: str, given: Mapping[str, Any]) -> Order:
    budget = given.get("budget")
    if budget is not None and not re.fullmatch(r"\$?\d{1,6}(\.\d{1,4})?", budget):
        return Misunderstood(f"--budget {budget} is no sum in US dollars", "such as --budget 0.50")
    amount = None if budget is None else float(budget.removeprefix("$"))
    return NewTask(kind, rest, Options(**{**given, "budget": amount}))
