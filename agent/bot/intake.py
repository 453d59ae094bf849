"""A delivery from its bytes to its tasks, and what is answered."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from agent.bot.errand import Errand, key_of, keys
from agent.bot.errors import Forged, NotUnderstood
from agent.bot.payloads import event_of, read_json, read_payload
from agent.bot.signature import Headers, Signatures
from agent.bot.specs import spec_of
from agent.bot.wanted import EVENTS, Wanted, wanted
from agent.protocol.api import TaskView
from agent.protocol.errors import RatchetError
from agent.protocol.task import TaskSpec
from agent.sections import BotConfig

PATIENCE = 8.0
"""Seconds for the daemon to take the tasks; GitHub gives up after ten."""
_GUID = re.compile(r"[0-9A-Za-z-]{1,100}")
_JSON = re.compile(rb"application/json[ \t]*(?:;[ \t]*charset=\"?utf-8\"?[ \t]*)?", re.IGNORECASE)

Note = Callable[[str], None]
"""Takes one sentence for whoever runs the bot."""


class Submits(Protocol):
    """Makes tasks: the daemon's client."""

    async def create(self, spec: TaskSpec, *, keys: tuple[str, ...] = ()) -> TaskView:
        """Submit a task, unless one of the keys is known; raises RatchetError."""


class Answer(NamedTuple):
    """What is answered: an HTTP status and one sentence."""

    status: int
    text: str


class Intake:
    """Takes deliveries; `login` is our own name on the forge."""

    def __init__(
        self,
        config: BotConfig,
        signatures: Signatures,
        tasks: Submits,
        login: str = "",
        note: Note = lambda _: None,
    ) -> None:
        self._config = config
        self._signatures = signatures
        self._tasks = tasks
        self._login = login
        self._note = note

    def refuses(self, headers: Headers) -> Answer | None:
        """Return the answer to a delivery that cannot be accepted, whatever its body; None when it may be."""
        try:
            self._signatures.claimed(headers)
        except Forged as error:
            return Answer(401, error.message)
        return None

    async def take(self, headers: Headers, body: bytes) -> Answer:
        """Make the tasks that a delivery wants; 202 only when all of them are recorded."""
        try:
            # Nothing of it is read before it is known who wrote it.
            self._signatures.check(headers, body)
            _check_content(headers)
            event, guid = _one(headers, b"x-github-event"), _one(headers, b"x-github-delivery")
            found = self._read(event, guid, body)
        except Forged as error:
            return Answer(401, error.message)
        except NotUnderstood as error:
            self._note(f"a delivery was not understood: {error.message}")
            return Answer(error.status, error.message)
        if isinstance(found, str):
            return Answer(200, found)
        return await self._make(found, guid, body)

    def _read(self, event: str, guid: str, body: bytes) -> Wanted:
        if not _GUID.fullmatch(guid):
            raise NotUnderstood("X-GitHub-Delivery is no id")
        return read_delivery(event, body, self._config, self._login, guid)

    async def _make(self, errands: Sequence[Errand], guid: str, body: bytes) -> Answer:
        # GitHub signs the body and not its id: who sends it anew under another one gets no other task.
        known_by = (f"delivery:{guid}", key_of("body", body))
        try:
            async with asyncio.timeout(PATIENCE):
                made = await submit(errands, known_by, self._config, self._tasks)
        except (RatchetError, TimeoutError) as error:
            # GitHub keeps it as failed, and catch-up has it sent again.
            said = error.message if isinstance(error, RatchetError) else "the daemon does not answer in time"
            self._note(f"delivery {guid} is put off: {said}")
            return Answer(503, "The tasks cannot be recorded now; send it again later.")
        self._note(f"delivery {guid}: {', '.join(made)}")
        return Answer(202, " ".join(made))


def read_delivery(event: str, body: bytes, config: BotConfig, login: str, guid: str = "") -> Wanted:
    """Return what a delivery wants; raises NotUnderstood. The name of its event is not signed."""
    if event not in EVENTS:
        return "That event matters to nobody here."
    said = read_json(body)
    if event_of(said) != event:
        raise NotUnderstood("the body is not of the event that X-GitHub-Event names")
    return wanted(event, read_payload(said), config, login, guid)


async def submit(
    errands: Sequence[Errand], known_by: Sequence[str], config: BotConfig, tasks: Submits
) -> list[str]:
    """Make a task of each errand, or find the one that was made before; returns their ids."""
    made = []
    for number, errand in enumerate(errands):
        view = await tasks.create(spec_of(errand, config), keys=keys(errand, number, *known_by))
        made.append(view.summary.task_id)
    return made


def _check_content(headers: Headers) -> None:
    kinds = [value for name, value in headers if name == b"content-type"]
    packed = any(name == b"content-encoding" for name, _ in headers)
    if packed or len(kinds) != 1 or not _JSON.fullmatch(kinds[0]):
        raise NotUnderstood("set the content type of the webhook to application/json", status=415)


def _one(headers: Headers, wanted: bytes) -> str:
    found = [value for name, value in headers if name == wanted]
    if len(found) != 1:
        raise NotUnderstood(f"exactly one {wanted.decode()} is needed")
    return found[0].decode("latin-1")
