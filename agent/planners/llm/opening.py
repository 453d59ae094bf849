"""The messages that every request of a task begins with; a pure function of the task's base and its goal."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from agent.index.repo_map import repo_map
from agent.index.search.hit import Hit
from agent.index.search.hybrid import Search
from agent.models.model import Message, Speaker
from agent.models.tokens import of_text
from agent.patches.formats import format_help
from agent.planners.llm.assignment import Assignment, Job
from agent.planners.llm.prompt import prompt
from agent.planners.llm.quoting import Quotes
from agent.protocol.check import TestResult
from agent.tools.harmless import shown
from agent.tools.tool import Desk

GUIDANCE = ("AGENTS.md", "CLAUDE.md")
"""What repositories tell agents; of a folder's files the first is taken."""
_TESTS = 8
_DETAILS = 2400
_GUIDANCE = 8000
_MAP_SHARE = 12
_MOST_MAP = 4096
_CODE_SHARE = 10
_HITS = 6
_LONGEST_HIT = 60


@dataclass(frozen=True, slots=True)
class Opening:
    """The first two messages, and what was noticed in what they quote."""

    messages: tuple[Message, ...]
    flags: tuple[str, ...]


def opening(assignment: Assignment, desk: Desk, search: Search, context: int) -> Opening:
    """Return the system and the first user message, for a model with `context` tokens."""
    rules = prompt("system")
    if desk.writable:
        rules = f"{rules}\n{format_help(desk.edit_format)}"
    quotes = Quotes(desk.secrets)
    about = _about(assignment)
    hits = search.hits(about, _HITS)
    near = [test.id.partition("::")[0] for test in assignment.tests] + [hit.path for hit in hits]
    parts = [
        _request(assignment, quotes),
        _checks(assignment.checks, quotes),
        *_guidance(desk, near, quotes),
        _map(search, about, context, quotes),
        _code(desk, _apart(hits), context, quotes),
    ]
    text = "\n\n".join(part for part in parts if part)
    messages = (Message(Speaker.SYSTEM, rules), Message(Speaker.USER, text))
    return Opening(messages, tuple(quotes.flags))


def _about(assignment: Assignment) -> str:
    """Return the words by which the places that matter are looked for."""
    failing = (f"{test.id} {test.message}\n{test.details}" for test in assignment.tests[:_TESTS])
    return "\n".join((assignment.goal, *failing, assignment.change[:_DETAILS]))


def _request(assignment: Assignment, quotes: Quotes) -> str:
    tests = _tests(assignment.tests, quotes)
    goal = quotes.cleaned(assignment.goal.strip(), "the request")
    added = f"\nThe user adds: {goal}" if goal else ""
    match assignment.job:
        case Job.FIX:
            return prompt("fix", tests=tests, goal=added)
        case Job.DO:
            proof = prompt("implement" if assignment.intent == "implement" else "refactor")
            failing = f"These tests fail as it is, and the request may be about them:\n\n{tests}"
            return prompt("do", goal=goal, proof=proof, tests=failing if tests else "")
        case Job.ASK:
            return prompt("ask", goal=goal)
        case Job.REVIEW:
            return prompt("review", change=quotes.quote(assignment.change, "the change"), goal=added)


def _tests(tests: Sequence[TestResult], quotes: Quotes) -> str:
    shown = "\n\n".join(
        quotes.quote(f"{test.id}: {test.status}\n{test.message}\n{_tail(test.details)}", "test output")
        for test in tests[:_TESTS]
    )
    rest = [test.id for test in tests[_TESTS:]]
    if not rest:
        return shown
    return f"{shown}\n\nand {len(rest)} more:\n{quotes.quote(', '.join(rest[:40]), 'names of tests')}"


def _tail(details: str) -> str:
    """Return the end of a traceback, where the failure is."""
    if len(details) <= _DETAILS:
        return details
    cut = details[-_DETAILS:]
    return f"[{len(details) - _DETAILS} characters left out]\n{cut[cut.find(chr(10)) + 1 :]}"


def _checks(commands: Sequence[str], quotes: Quotes) -> str:
    if not commands:
        return ""
    return f"The checks of this repository:\n{quotes.quote(chr(10).join(commands), 'checks')}"


def _guidance(desk: Desk, near: Iterable[str], quotes: Quotes) -> Iterator[str]:
    """Yield what the repository tells agents about the files at hand, the nearest to a file last."""
    advice = desk.advice or desk.base
    entries = desk.store.list(advice)
    folders = {PurePosixPath(".")}
    for path in near:
        folders.update(PurePosixPath(path).parents)
    for folder in sorted(folders, key=lambda one: (len(one.parts), str(one))):
        found = [str(folder / name) for name in GUIDANCE if str(folder / name) in entries]
        if found:
            text = desk.store.read(advice, found[0]).decode("utf-8", "replace")[:_GUIDANCE]
            where = "the repository" if folder == PurePosixPath(".") else f"files below {folder}/"
            title = f"Advice on style and set-up for {where}, where it does not contradict the rules:"
            yield f"{title}\n{quotes.quote(text, found[0], found[0])}"


def _map(search: Search, about: str, context: int, quotes: Quotes) -> str:
    drawn = repo_map(search, min(_MOST_MAP, context // _MAP_SHARE), about)
    return f"Where things are, what seems to matter first:\n{quotes.quote(drawn.text, 'repository map')}"


def _apart(hits: Sequence[Hit]) -> list[tuple[str, int, int]]:
    """Return the places of hits, without those that lie in a better one."""
    kept: list[tuple[str, int, int]] = []
    for hit in hits:
        inside = (path == hit.path and start <= hit.start and hit.end <= end for path, start, end in kept)
        if not any(inside):
            kept.append((hit.path, hit.start, hit.end))
    return kept


def _code(desk: Desk, spans: Sequence[tuple[str, int, int]], context: int, quotes: Quotes) -> str:
    """Return the best places of the search, as many as their share of the context holds."""
    left, parts, entries = context // _CODE_SHARE, list[str](), desk.store.list(desk.base)
    for path, start, end in spans:
        if path not in entries or not entries[path].is_file:
            continue
        # Whole files are guarded, since a key may begin far above.
        guarded = shown(desk.store.read(desk.base, path), path, desk.secrets)
        lines = guarded.text.split("\n")
        last = min(end, start + _LONGEST_HIT - 1)
        text = "\n".join(f"{n}\t{line}" for n, line in enumerate(lines[start - 1 : last], start))
        left -= of_text(text)
        if left < 0:
            break
        parts.append(quotes.quote(text, f"{path}:{start}-{last}", path))
    return "Places that may matter:\n" + "\n".join(parts) if parts else ""
