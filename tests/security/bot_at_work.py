"""A forge and all that is between a delivery from it and what is shown there, on a machine of canaries."""

import hashlib
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from agent.config import machine
from agent.daemon.settings import owners_folder, publishers_folder
from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.engine.publications import Publications
from agent.engine.queue import Queue
from agent.engine.store import TaskStore
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.protocol.event import Event, SnapshotTaken
from agent.protocol.forge import Permission
from agent.protocol.state import TaskState
from agent.publishing.forges import Forges
from agent.publishing.publisher import Publisher, Tools
from agent.repo.forge.open import open_forge
from agent.tasks.run import RepairStory
from tests.bot.served import Served
from tests.daemon.daemon_process import DaemonProcess
from tests.forge import git
from tests.forge.fake import FakeForge
from tests.forge.repository import Repository
from tests.publishing import stories
from tests.publishing.markdown import assert_inert, github_tags
from tests.publishing.reports import HEAD
from tests.security.hostile_names import MARK

NO_WORK = '[policy]\ntool = ["deny *"]\n'
"""Ends a task where its work would begin, before any sandbox."""
A_MODEL = '[models.mine]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
"""Nobody asks it, as no work begins."""
FILES = {
    "cart.py": "def total(prices):\n    return sum(prices)\n",
    "test_cart.py": "def test_x():\n    pass\n",
}
_CANARIES = (".bashrc", ".gitconfig", ".ssh/config", ".ssh/id_ed25519", ".netrc", "notes.txt")
_OWN_LINK = re.compile(
    r"\[(?:Branch|Pull request \d+|Review)\]\(http://127\.0\.0\.1:\d+/acme/shop[/\w.#-]*\)"
)


@dataclass
class AtWork:
    """`shop` is acme/shop, in which ann may write and mallory may not; work ends where it would begin."""

    fake: FakeForge
    shop: Repository
    folder: Path
    bot: Served
    database: Database
    owner: Owner
    publisher_owner: Owner
    said: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    stop_at: type | None = None
    pat: bool = False
    """Whether the bot writes as a user of its own, who is no bot for the forge."""

    @property
    def login(self) -> str:
        """Return our own name on the forge."""
        return self.fake.bot_login(pat=self.pat)

    @property
    def state(self) -> Path:
        """Return our state directory."""
        return self.folder / "state"

    @property
    def url(self) -> str:
        """Return where deliveries go to."""
        return f"http://127.0.0.1:{self.bot.port}/webhook"

    @property
    def store(self) -> TaskStore:
        """Return the tasks."""
        return TaskStore(self.database)

    def deliver(self, event: str, action: str, **about: Any) -> tuple[str, ...]:
        """Send a signed delivery; return the tasks that were made of it. It must not be a server's error."""
        answer = self.fake.deliver(self.url, event, action, self.shop, **about)
        assert answer is not None and answer.status_code in (200, 202, 400), (answer, self.bot.said[-3:])
        return tuple(answer.text.split()) if answer.status_code == 202 else ()

    def work(self) -> None:
        """Work on whatever can be worked on."""
        self.stop.clear()
        queue = Queue(self.database, owners_folder(self.state, None), Turns(machine=machine()))
        worker = Worker(self.database, queue, self.owner, self)
        while not self.stop.is_set() and worker.run_next(RepairStory(self.state), self.stop):
            pass

    def show(self) -> None:
        """Show whatever there is to show."""
        forge = open_forge(self.fake.bot_config(pat=self.pat), None)
        tools = Tools(forges=Forges(lambda _: forge), secrets=lambda _: self.keys, app=None)
        publications = Publications(self.database, publishers_folder(self.state, None))
        publisher = Publisher(self.database, publications, self.publisher_owner, tools)
        while publisher.show_next(threading.Event()):
            pass

    @property
    def keys(self) -> frozenset[str]:
        """Return what nobody may see."""
        return frozenset(self.fake.environ.values())

    def states(self) -> Iterator[TaskState]:
        """Yield all tasks."""
        for task_id in self.tasks():
            yield self.store.state(task_id)

    def tasks(self) -> tuple[str, ...]:
        """Return the ids of all tasks that deliveries have led to."""
        made = (one.answer.split() for one in self.fake.deliveries if one.status == 202)
        return tuple(dict.fromkeys(task_id for ids in made for task_id in ids))

    def on_event(self, event: Event) -> None:
        """Take note of an event, as a worker wants."""
        if self.stop_at is not None and isinstance(event.body, self.stop_at):
            self.stop.set()

    def on_progress(self, task_id: str, update: Any) -> None:
        """Take note of progress."""
        self.said.append(update.message)


@contextmanager
def at_work(folder: Path, *, pat: bool = False, settings: str = NO_WORK) -> Iterator[AtWork]:
    """Let everything run in a home and a folder of its own."""
    with ExitStack() as stack:
        environ = stack.enter_context(pytest.MonkeyPatch.context())
        for name in ("home", "here", "state", "temporary"):
            (folder / name).mkdir(parents=True)
        furnish(folder / "home")
        furnish(folder / "here")
        environ.chdir(folder / "here")
        environ.delenv("RATCHET_ORGANIZATION", raising=False)
        fake = stack.enter_context(FakeForge(folder / "forge"))
        shop = fake.add_repository("acme/shop")
        shop.grant("ann", Permission.WRITE)
        shop.commit("main", FILES)
        config = fake.bot_config(pat=pat)
        known = {"bot": config.model_dump(mode="json", exclude_none=True)}
        (folder / "config.toml").write_text(f"{tomlkit.dumps(known)}\n{settings}")
        # Where packages and byte code are kept is no business of this test.
        for name, value in (("HOME", "home"), ("TMPDIR", "temporary"), ("RATCHET_CONFIG", "config.toml")):
            environ.setenv(name, str(folder / value))
        state = folder / "state"
        # Nobody but this test works on the tasks, or shows them.
        resting = DaemonProcess(state, "--workers", "0", environ={"GITHUB_TOKEN": ""})
        stack.enter_context(resting)
        known_as = {"secrets": (fake.secret.encode(),), "login": fake.bot_login(pat=pat)}
        bot = stack.enter_context(Served(state, config, starts_daemon=False, **known_as))
        database = stack.enter_context(closing(Database.open(state)))
        owner = stack.enter_context(closing(Owner(owners_folder(state, None))))
        second = stack.enter_context(closing(Owner(publishers_folder(state, None))))
        yield AtWork(fake, shop, folder, bot, database, owner, second, pat=pat)


def furnish(folder: Path) -> None:
    """Put files there that nobody may change or read."""
    for name in _CANARIES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# canary {name}\n")


def fingerprint(*folders: Path) -> dict[str, str]:
    """Return a digest of every file in folders, and the folders."""
    paths = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in paths
    }


def marks(folder: Path) -> list[str]:
    """Return the files that a command in a name has made, wherever something runs."""
    places = (Path("/"), Path("/tmp"), Path("/etc"), Path(__file__).parents[2])
    found = [str(place / MARK) for place in places if os.path.lexists(place / MARK)]
    for parent, folders, files in os.walk(folder):
        found += [f"{parent}/{name}" for name in (*folders, *files) if name == MARK]
    return found


class Processes:
    """Every process that this one starts: its arguments and its environment."""

    def __init__(self) -> None:
        self.started: list[tuple[tuple[str, ...], dict[str, str]]] = []
        self._listening = False
        # A hook cannot be taken away again.
        sys.addaudithook(self._heard)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Take note of what is started."""
        self._listening = True
        try:
            yield
        finally:
            self._listening = False

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._listening and event == "subprocess.Popen":
            _, command, _, environ = arguments
            words = (command,) if isinstance(command, str | bytes) else tuple(command)
            known = {os.fsdecode(name): os.fsdecode(value) for name, value in (environ or {}).items()}
            self.started.append((tuple(os.fsdecode(word) for word in words), known))


def assert_only_ours(work: AtWork, pulls: int) -> None:
    """Fail unless what was made on the forge is what a bot may make, and all of it is inert."""
    ours, shop = work.login, work.shop
    tasks = set(work.tasks())
    made = [name for name in shop.branches() if name.startswith("ratchet/")]
    assert {name.removeprefix("ratchet/") for name in made} <= tasks, made
    assert all(one.pull and one.pull.head_branch in made for one in shop.pulls()[pulls:])
    for _, comment in shop.hosted.all_comments():
        if comment.author.login == ours:
            assert_quiet(comment.body, work)
    for thread in shop.pulls():
        for review in shop.reviews(thread.number):
            assert review.author.login == ours and review.state == "COMMENTED"
            assert_quiet(review.body, work)
    for check in shop.checks():
        assert check.external_id.partition(".")[0] in tasks and check.name.startswith("ratchet / ")
        assert_quiet(check.output.get("summary", ""), work)


def assert_quiet(text: str, work: AtWork) -> None:
    """Fail unless a text neither does anything nor holds a key."""
    own = _OWN_LINK.sub("link", text)
    assert_inert(own)
    tags = github_tags(own)
    assert not any(tag.startswith(("<a ", "<img", "<script", "<input")) for tag in tags), tags
    assert not any(key in text for key in work.keys), "a key is shown"


def proven(work: AtWork, task: str, story: Sequence[Event]) -> str:
    """Let the rest of a story happen to a task whose commits were brought; return the commit to be pushed."""
    work.stop_at = SnapshotTaken
    work.work()
    work.stop_at = None
    spec = work.store.state(task).spec
    assert spec is not None and spec.base is not None
    fixed = git.commit(Path(spec.repository) / ".git", "fixed", {"x.py": "fixed"}, "fix", spec.base)
    told = {stories.TASK: task, HEAD: spec.base, "d" * 40: fixed}
    for event in story[3:]:
        work.store.append(task, event.step_key, _retold(event, told).body)
    work.show()
    return fixed


def _retold(event: Event, told: Mapping[str, str]) -> Event:
    text = event.model_dump_json()
    for old, new in told.items():
        text = text.replace(old, new)
    return Event.model_validate_json(text)
