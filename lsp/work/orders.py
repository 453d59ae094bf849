"""From what a user orders in the editor to the spec of a task."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pygls.exceptions import JsonRpcInvalidParams

from agent.client.intent import intent_of
from agent.client.request import request
from agent.protocol.errors import UsageError
from agent.protocol.task import Intent, TaskKind, TaskSpec
from lsp.folders import Folders
from lsp.names import CommandName, Order
from lsp.settings import Settings
from lsp.text.documents import Documents
from lsp.text.placing import live_lines
from lsp.work.goals import Passage, change_goal, document_goal, explain_goal
from lsp.work.possible import refused

FRONT_END = "lsp"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, before any setting has its say."""

    kind: TaskKind
    goal: str = ""
    intent: Intent = Intent.IMPLEMENT
    tests: tuple[str, ...] = ()


def read_order(arguments: tuple[object, ...]) -> Order:
    """Return the argument of a command; raises JsonRpcInvalidParams."""
    if len(arguments) != 1:
        raise JsonRpcInvalidParams(f"a command takes one argument, an object; there are {len(arguments)}")
    try:
        order = Order.model_validate(arguments[0])
        order.model_dump_json()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "the argument"
        raise JsonRpcInvalidParams(f"{name}: {first['msg']}") from None
    except ValueError:
        raise JsonRpcInvalidParams("the argument holds half a character") from None
    if order.start is not None and not 0 <= order.start <= (order.start if order.end is None else order.end):
        raise JsonRpcInvalidParams("start, end: not a range of lines")
    return order


def passage_of(order: Order, documents: Documents, folders: Folders) -> Passage | None:
    """Return the lines that an order is about; None when it names none, or nobody knows their text."""
    if order.start is None:
        return None
    return lines_of(
        order.uri, order.start, order.start + 1 if order.end is None else order.end, documents, folders
    )


def lines_of(uri: str, start: int, end: int, documents: Documents, folders: Folders) -> Passage | None:
    """Return lines of a document of a repository; of an open one as the editor has it."""
    within, lines = folders.within(uri), live_lines(documents, uri)
    if within is None or lines is None:
        return None
    return Passage(within.path, min(start, len(lines)), min(end, len(lines)), lines)


def wish_of(name: CommandName, order: Order, passage: Passage | None) -> Wish:
    """Return what a command asks for; raises JsonRpcInvalidParams when it does not say so."""
    match name:
        case CommandName.VERIFY:
            return Wish(TaskKind.VERIFY, tests=order.tests)
        case CommandName.FIX if order.tests or not order.goal:
            return Wish(TaskKind.FIX, tests=order.tests)
        case CommandName.FIX:
            # What tools complain about seldom shows in a test; that nothing else changes does.
            return Wish(TaskKind.DO, order.goal, Intent.REFACTOR)
        case CommandName.DOCUMENT:
            return Wish(TaskKind.DO, document_goal(passage), Intent.DOCUMENT)
        case CommandName.EXPLAIN:
            return Wish(TaskKind.ASK, explain_goal(passage, order.goal))
        case _:
            told = order.goal or (passage.instruction if passage else "")
            if not told:
                raise JsonRpcInvalidParams(
                    "goal: says nothing, and no comment `ratchet: …` says what to change"
                )
            return Wish(TaskKind.DO, change_goal(passage, told), intent_of(told))


def spec_of(wish: Wish, root: Path, settings: Settings) -> TaskSpec:
    """Return the spec of a task of this editor, with all settings; reads files. Raises UsageError.

    Tests are ids and paths, never shell commands. The task is attended: questions are asked in the editor.
    A proven patch goes to a branch as with every other front end, besides what the editor applies of it.
    """
    made = request(
        wish.kind,
        root,
        sandbox=settings.sandbox,
        budget=settings.budget,
        planner=settings.model,
        goal=wish.goal,
        intent=wish.intent,
        attended=True,
        front_end=FRONT_END,
    )
    why_not = refused(made.sandbox, settings)
    if why_not:
        raise UsageError(why_not, hint="choose another sandbox, or trust the workspace")
    return made.model_copy(update={"tests": wish.tests})
