"""A repository on the fake forge with pull requests, and tasks about them that have ended."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import update

from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.engine.publications import Publication, Publications
from agent.engine.schema import FORGES
from agent.engine.store import TaskStore, new_task_id
from agent.protocol.check import Location
from agent.protocol.event import Event, TaskSubmitted, VerdictReached
from agent.protocol.forge import Permission
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Failure
from agent.publishing.forge_look import Secrets
from agent.publishing.forges import Forges
from agent.publishing.publisher import Publisher, Tools
from agent.repo.forge.open import open_forge
from agent.repo.forge.port import Forge
from agent.repo.mirror import Mirror
from tests.forge import git
from tests.forge.fake import FakeForge
from tests.publishing import stories
from tests.publishing.reports import HEAD

PATH = "src/tax.py"
BEFORE, CHANGED = "one\ntwo\nthree\nfour\n", "one\n2\nthree\nfour\n"
BODY = "/ratchet fix"


class Clock:
    """Seconds since the epoch as a test wants them."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        """Return them."""
        return self.now


class Site:
    """One repository with an open pull request, a mirror of it, and a store of tasks."""

    def __init__(
        self, folder: Path, fake: FakeForge, place: Path | str, *, app: bool = True, pat: bool = False
    ) -> None:
        self.fake = fake
        self.folder = folder
        self.config = fake.bot_config(app=app, pat=pat)
        self.login = fake.bot_login(app=app, pat=pat)
        self.repository = fake.add_repository("acme/shop")
        self.repository.grant("ann", Permission.WRITE)
        self.repository.commit("main", {PATH: BEFORE})
        self.head = self.repository.commit("topic", {PATH: CHANGED}, onto="main")
        self.forge = open_forge(self.config, None)
        self.place = place
        self.database = Database.open(place)
        self.store = TaskStore(self.database)
        self.clock = Clock()
        self.owners = folder / "publishers"
        self.publications = self.opened()

    @cached_property
    def mirror(self) -> Mirror:
        """Our clone of the repository."""
        mirror = Mirror.at(self.folder / "state", self.repository.name)
        mirror.fetch(self.forge.git_access(self.repository.name), [self.head])
        return mirror

    @cached_property
    def fixed(self) -> str:
        """A commit of ours in it."""
        return git.commit(self.mirror.path / ".git", "fixed", {PATH: BEFORE}, "fix", self.head)

    def opened(self) -> Publications:
        """Return the publications as another process sees them."""
        return Publications(self.database, self.owners, clock=self.clock)

    def pull(self) -> int:
        """Return the number of a new pull request, with a commit that no other one has."""
        branch = f"topic-{secrets.token_hex(4)}"
        self.repository.commit(branch, {"topic": branch}, onto=self.head)
        return self.repository.open_pull(branch, author="bob")

    def story(
        self,
        kind: TaskKind = TaskKind.FIX,
        place: str = "pull",
        outcome: Outcome = Outcome.VERIFIED,
        *,
        number: int | None = None,
        failures: int = 0,
    ) -> list[Event]:
        """Return the log of a new task about a pull request or an issue; its verdict has so many failures."""
        if number is None:
            is_issue = place in ("issue", "label")
            number = self.repository.open_issue("tax", "wrong", "ann") if is_issue else self.pull()
        pull = self.repository.thread(number).pull
        head = pull.head_commit if pull else self.head
        told = {stories.TASK: new_task_id(), HEAD: head, '"number":12': f'"number":{number}'}
        if kind in (TaskKind.FIX, TaskKind.DO):
            told |= {stories.MIRROR: str(self.mirror.path), "d" * 40: self.fixed}
        if place in ("pull", "issue"):
            told['"comment":99'] = f'"comment":{self.repository.comment(number, "ann", BODY)}'
        events = stories.story(kind, place, outcome, "x")
        return [_failing(_retold(event, told), failures) for event in events]

    def task(self, *what: Any, **more: Any) -> str:
        """Record a whole story and return the task's id."""
        events = self.story(*what, **more)
        self.record(*events)
        return events[0].task_id

    def record(self, *events: Event) -> None:
        """Add events to their tasks."""
        for event in events:
            if isinstance(event.body, TaskSubmitted):
                self.store.create(event.body.spec, task_id=event.task_id)
            else:
                self.store.append(event.task_id, event.step_key, event.body)

    def number(self, task_id: str) -> int:
        """Return the number of the issue or pull request that a task is about."""
        spec = self.store.state(task_id).spec
        assert spec is not None and spec.trigger is not None and spec.trigger.number is not None
        return spec.trigger.number

    def shown(self, task_id: str) -> Publication:
        """Return how far a task is shown."""
        found = self.publications.of(task_id)
        assert found is not None
        return found

    def seize(self) -> None:
        """Take the repository away from whoever writes there."""
        with self.database.write() as connection:
            connection.execute(update(FORGES).values(token="somebody else"))

    def publisher(self, secrets: Secrets = lambda _: frozenset(), forge: Forge | None = None) -> Publisher:
        """Return a publisher of this process."""
        given = forge or self.forge
        forges = Forges(lambda _: given, self.clock)
        tools = Tools(forges=forges, secrets=secrets, app=self.config.app)
        return Publisher(self.database, self.opened(), Owner(self.owners), tools)

    def close(self) -> None:
        """Close the store."""
        self.database.close()


@contextmanager
def open_site(
    folder: Path, place: Path | str | None = None, *, app: bool = True, pat: bool = False
) -> Iterator[Site]:
    """Run a fake forge with a site on it."""
    with FakeForge(folder / "forge") as fake:
        site = Site(folder, fake, place or folder / "store", app=app, pat=pat)
        try:
            yield site
        finally:
            site.close()


def _retold(event: Event, told: dict[str, str]) -> Event:
    text = event.model_dump_json()
    for old, new in told.items():
        text = text.replace(old, new)
    return Event.model_validate(json.loads(text))


def _failing(event: Event, count: int) -> Event:
    """Return an event whose verdict has so many failures on lines, if it is one with a verdict."""
    if not isinstance(event.body, VerdictReached) or not count:
        return event
    at = (Location(path=PATH, line=line % 4 + 1) for line in range(count))
    failures = tuple(
        Failure(test=f"tests/test_tax.py::test_{number}", message="wrong", location=where)
        for number, where in enumerate(at)
    )
    changed = {"failures": failures, "diagnostics": (), "tampering": ()}
    verdict = event.body.verdict.model_copy(update=changed)
    return event.model_copy(update={"body": VerdictReached(verdict=verdict)})
