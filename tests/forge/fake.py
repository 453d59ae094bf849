"""A GitHub of the tests' own: REST API, git over HTTP and signed webhooks, over bare repositories.

It refuses what GitHub refuses, answers as GitHub's description of its API says, and holds every request
against it.
"""

import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from agent.protocol.forge import Permission
from agent.sections import BotConfig
from tests.forge import git, git_http
from tests.forge.events import WEBHOOKS, Delivery, Events
from tests.forge.exchange import Request
from tests.forge.faults import Faults
from tests.forge.gate import Gate
from tests.forge.openapi import contract
from tests.forge.repository import Repository
from tests.forge.routes.every import ROUTES
from tests.forge.server import API, Forge, Server
from tests.forge.tokens import App, Token
from tests.forge.world import Check, Hosted, Kept, User, World

APP = 4711
INSTALLATION = 815
_PERSONAL = "RATCHET_FAKE_PAT"


class FakeForge:
    """Runs while it is entered, and sets the variables that its configurations name.

    Leaving it raises AssertionError when a request or an answer was not as GitHub's description says, or
    when the bot did what a bot must not do; `violations.clear()` beforehand for a test that wants that.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._world = World(directory)
        bot = self._world.user("ratchet[bot]", bot=True, app=APP)
        bot.ours = True
        self.app = App(APP, "ratchet", bot)
        self.installation = INSTALLATION
        self._gate = Gate(self._world, self.app, INSTALLATION)
        self.secret = secrets.token_hex(16)
        """What deliveries are signed with."""
        rules = contract(tuple(route.key for route in ROUTES), WEBHOOKS)
        self.events = Events(self._world, rules, self.secret, APP, INSTALLATION)
        self._forge = Forge(self._world, self._gate, self.events, rules, ROUTES, Faults())
        self.events.violations = self._forge.violations
        self._server = Server(self._forge)
        self.web = self._world.web = f"http://127.0.0.1:{self._server.port}"
        self.url = self._world.api = f"{self.web}{API}"
        self._world.blobs = f"http://127.0.0.1:{self._server.blob_port}"
        self.token = self._gate.of_workflow(self._world.user("github-actions[bot]", bot=True))
        """The `GITHUB_TOKEN` of a workflow, which is what a configuration without an App uses."""
        self._pat = self._gate.personal(self._world.user("ratchet-machine"))
        for token in (self.token, self._pat):
            token.user.ours = True
        self.environ = {
            "GITHUB_TOKEN": self.token.text,
            "RATCHET_APP_KEY": self.app.private_key,
            "RATCHET_WEBHOOK_SECRET": self.secret,
            _PERSONAL: self._pat.text,
        }
        """Variables that the configurations name; set in this process while the forge runs."""
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> Self:
        names = [*self.environ, "RATCHET_WEBHOOK_SECRET_OLD"]
        self._before = {name: os.environ.pop(name, None) for name in names}
        os.environ.update(self.environ)
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.events.close()
        self._server.stop()
        for name, value in self._before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        if kind is None:
            assert not self.violations, "\n".join(self.violations)

    @property
    def requests(self) -> list[Request]:
        """Return every request so far, of git as well."""
        return self._forge.requests

    def writes(self) -> list[Request]:
        """Return the requests to the API that are there to change something."""
        return [
            asked for asked in self.requests if asked.writes and not asked.path.endswith("git-upload-pack")
        ]

    @property
    def violations(self) -> list[str]:
        """Return what was done against the description of the API, or by a bot that must not."""
        return self._forge.violations

    @property
    def overlaps(self) -> list[str]:
        """Return the writes to a repository that began before another had ended."""
        return self._forge.overlaps

    @property
    def faults(self) -> Faults:
        """Return what is still to go wrong."""
        return self._forge.faults

    @property
    def deliveries(self) -> list[Kept]:
        """Return the deliveries so far, those that nobody got as well."""
        return self._world.deliveries

    def bot_config(self, *, app: bool = False, pat: bool = False, **more: Any) -> BotConfig:
        """Return the configuration of a bot with the token of a workflow, as the App, or as a user."""
        self.events.as_app = app
        known: dict[str, Any] = {"api": self.url, "web": self.web, "app": APP if app else None}
        if pat:
            known["token"] = f"env:{_PERSONAL}"
        return BotConfig(**{**known, **more})

    def bot_login(self, *, app: bool = False, pat: bool = False) -> str:
        """Return whom the writing of such a bot comes from."""
        return self.app.user.login if app else self._pat.user.login if pat else self.token.user.login

    def pat(self, login: str = "ratchet-machine") -> Token:
        """Return a new personal access token of somebody; its `text` is what is sent."""
        return self._gate.personal(self._world.user(login))

    def revoke(self) -> None:
        """Let every token of an installation be worth nothing from now on."""
        self._gate.forget()

    def expire_tokens_after(self, seconds: float | None) -> None:
        """Let new tokens of installations be good for so long; None for an hour."""
        self._gate.lifetime = seconds

    def add_user(self, login: str, bot: bool = False) -> User:
        """Return an account; it is made when there is none."""
        with self._world.lock:
            return self._world.user(login, bot=bot)

    def add_organization(self, login: str) -> User:
        """Return an account that is an organization; its repositories and deliveries say so."""
        made = self.add_user(login)
        made.organization = True
        return made

    def add_repository(
        self, name: str, source: Path | None = None, *, private: bool = False, drafts: bool = True
    ) -> Repository:
        """Host a copy of a repository of the disk (None for an empty commit on main) as `owner/name`."""
        owner, _, short = name.partition("/")
        path = self._world.folder / owner / f"{short}.git"
        with self._world.lock:
            git.copy(source, path)
            git_http.install_rules(path)
            hosted = Hosted(
                self._world.new_id(), self._world.user(owner), short, path, private, drafts=drafts
            )
            hosted.default_branch = git.text(path, "symbolic-ref", "--short", "HEAD")
            hosted.protected = [hosted.default_branch]
            # As a machine user it needs to be a collaborator.
            hosted.granted[self._pat.user.login] = Permission.WRITE
            self._world.repositories[name.lower()] = hosted
        return Repository(self._world, self.events, hosted)

    def hook(self, url: str) -> None:
        """Deliver from now on whatever happens, in the background; empty for nowhere."""
        self.events.url = url

    def settle(self) -> None:
        """Wait until all that has happened has been delivered."""
        self.events.settle()

    def delivery(
        self, event: str, action: str, repository: Repository, *, sender: str | None = None, **about: Any
    ) -> Delivery:
        """Return headers and body of a delivery, signed and sent to nobody.

        `about`: `number=` of an issue or pull request, `comment=`, `check=` and `run=` by id, `label=`,
        `identifier=` of a button, `before=` the commit of a synchronize or the text of an edited comment.
        """
        kept = self._made(event, action, repository, sender, about)
        return dict(kept.headers), kept.body

    def deliver(
        self,
        url: str,
        event: str,
        action: str,
        repository: Repository,
        *,
        sender: str | None = None,
        **about: Any,
    ) -> httpx.Response | None:
        """Send a delivery and return the answer, or None when nobody answered; both is remembered."""
        return self.events.send(url, self._made(event, action, repository, sender, about))

    def miss(
        self, event: str, action: str, repository: Repository, *, sender: str | None = None, **about: Any
    ) -> Kept:
        """Remember a delivery that could not be delivered, as when the bot was away."""
        kept = self._made(event, action, repository, sender, about)
        self.events.remember(kept)
        return kept

    def sign(self, event: str, body: Any, action: str | None = None) -> Delivery:
        """Return any payload as a signed delivery."""
        kept = self.events.signed(event, action, body)
        return dict(kept.headers), kept.body

    def _made(
        self, event: str, action: str, repository: Repository, sender: str | None, about: dict[str, Any]
    ) -> Kept:
        with self._world.lock:
            found = _found(repository, dict(about))
            who = self._world.user(sender) if sender else found.pop("usual", repository.hosted.owner)
            found.pop("usual", None)
            return self.events.make(event, action, repository.hosted, who, **found)


def _found(repository: Repository, about: dict[str, Any]) -> dict[str, Any]:
    """Return the things that numbers mean, and who usually does such a thing."""
    if "comment" in about:
        about["thread"], about["comment"] = repository.said(about["comment"])
        about["usual"] = about["comment"].author
        about.pop("number", None)
    if "number" in about:
        about["thread"] = repository.thread(about.pop("number"))
        about["usual"] = about["thread"].author
    if "run" in about:
        about["run"] = repository.hosted.runs[about["run"]]
        about["usual"] = about["run"].triggered_by
    if isinstance(about.get("check"), int):
        about["check"] = repository.check(about["check"])
    assert isinstance(about.get("check"), Check | None)
    return about
