"""What a comment asks for: `/ratchet fix`, `/ratchet do …` and the others, read from what its reader sees."""

import re
import shlex
from collections.abc import Iterator
from typing import Literal

from agent.bot.comment import Line, visible_lines
from agent.protocol.forge import Misunderstood
from agent.protocol.value import Value

MOST_COMMANDS = 10
LONGEST_BODY = 65_536
_MOST_TESTS, _LONGEST_TEST, _LONGEST_GOAL = 50, 500, 20_000


class Fix(Value):
    """Find a patch for tests; none named means whatever fails."""

    verb: Literal["fix"] = "fix"
    tests: tuple[str, ...] = ()


class Do(Value):
    """Make a change that somebody describes."""

    verb: Literal["do"] = "do"
    goal: str


class Review(Value):
    """Look for faults, with an eye on something if it is named."""

    verb: Literal["review"] = "review"
    goal: str = ""


class Explain(Value):
    """Answer a question, or say what happens here."""

    verb: Literal["explain"] = "explain"
    goal: str = ""


class Verify(Value):
    """Measure what the change does to the tests."""

    verb: Literal["verify"] = "verify"


class Stop(Value):
    """End the tasks of this pull request."""

    verb: Literal["stop"] = "stop"


class Help(Value):
    """Say what can be asked for."""

    verb: Literal["help"] = "help"


Command = Fix | Do | Review | Explain | Verify | Stop | Help


class Commands(Value):
    """What a comment asks for, in its order."""

    commands: tuple[Command, ...] = ()
    misunderstood: tuple[Misunderstood, ...] = ()


def read_commands(body: str, login: str = "", *, edited: bool = False) -> Commands:
    """Return the commands of a comment: lines that begin with `/ratchet`, or with the mention of `login`.

    What is quoted, in code, in a list or hidden does not count, nor does anything in an edited comment:
    who may edit is not who wrote it. What `do` is told goes on over the lines below, up to the next command.
    """
    if edited:
        return Commands()
    if len(body) > LONGEST_BODY:
        reason = f"A comment is read up to {LONGEST_BODY} characters, and this one is longer."
        asks = "/ratchet" in body
        return Commands(misunderstood=(Misunderstood(line="", reason=reason),) if asks else ())
    asked = [*_asked(visible_lines(body), _address(login))]
    read = [_read(words, below) for words, below in asked[:MOST_COMMANDS]]
    if len(asked) > MOST_COMMANDS:
        reason = f"Only the first {MOST_COMMANDS} commands of a comment are read."
        read.append(Misunderstood(line=asked[MOST_COMMANDS][0], reason=reason))
    return Commands(
        commands=tuple(one for one in read if not isinstance(one, Misunderstood)),
        misunderstood=tuple(one for one in read if isinstance(one, Misunderstood)),
    )


def _address(login: str) -> re.Pattern[str]:
    name = login.removesuffix("[bot]")
    mention = rf"|@{re.escape(name)}(?:\[bot\])?(?![\w/.-]*\w)[,:]?" if name else ""
    return re.compile(rf"(?:/ratchet(?![\w/.:-]){mention})[ \t]*", re.IGNORECASE)


def _asked(lines: Iterator[Line], address: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield the words of each command and what stands below it."""
    words: str | None = None
    below: list[str] = []
    for line in lines:
        found = address.match(line.text) if line.commands else None
        if found is None:
            below.append(line.text)
            continue
        if words is not None:
            yield words, "\n".join(below).rstrip()
        words, below = line.text[found.end() :].strip(), []
    if words is not None:
        yield words, "\n".join(below).rstrip()


def _read(words: str, below: str) -> Command | Misunderstood:
    verb, rest = [*words.split(None, 1), "", ""][:2]
    goal = f"{rest}\n{below}".strip()
    match verb.lower():
        case "do" if len(goal) > _LONGEST_GOAL:
            return Misunderstood(line=words, reason=f"`do` takes at most {_LONGEST_GOAL} characters.")
        case "fix":
            return _fix(words, rest)
        case "do" if goal:
            return Do(goal=goal)
        case "do":
            return Misunderstood(line=words, reason="`do` needs to be told what to do.")
        case "review":
            return Review(goal=rest)
        case "explain":
            return Explain(goal=rest)
        case "verify" if rest:
            return Misunderstood(
                line=words, reason="`verify` measures the whole change and takes no more words."
            )
        case "verify":
            return Verify()
        case "stop":
            return Stop()
        case "help" | "":
            return Help()
        case _:
            return Misunderstood(line=words, reason="This is no command.")


def _fix(words: str, rest: str) -> Fix | Misunderstood:
    try:
        tests = shlex.split(rest.replace("`", " "))
    except ValueError:
        return Misunderstood(line=words, reason="A quotation mark is open.")
    if any(test.startswith("-") for test in tests):
        return Misunderstood(line=words, reason="`fix` takes names of tests and no options.")
    if len(tests) > _MOST_TESTS or any(len(test) > _LONGEST_TEST for test in tests):
        return Misunderstood(line=words, reason=f"`fix` takes at most {_MOST_TESTS} tests.")
    return Fix(tests=tuple(tests))
