"""A request to the fake forge, its answer, and the table that says which function answers what."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.forge.openapi import Key
from tests.forge.tokens import Kind, Token
from tests.forge.world import Hosted, Thread, User, World

if TYPE_CHECKING:
    from tests.forge.events import Events
    from tests.forge.gate import Gate

GRAPHQL = "/api/graphql"
DOCUMENTATION = "https://docs.github.com/rest"
_WIDE = ("path", "ref", "branch")
"""Parts of a path that may hold slashes."""


class Refused(Exception):
    """The forge says no."""

    def __init__(self, status: int, message: str, *errors: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors

    def answer(self) -> "Answer":
        """Return it as GitHub words it."""
        body: dict[str, Any] = {"message": self.message, "documentation_url": DOCUMENTATION}
        if self.errors:
            body["errors"] = list(self.errors)
        return Answer(self.status, {**body, "status": str(self.status)})


@dataclass
class Answer:
    """What is sent back: a value as JSON, bytes as they are, or nothing."""

    status: int
    value: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Return the body."""
        if self.value is None or isinstance(self.value, bytes):
            return self.value or b""
        return json.dumps(self.value).encode()


@dataclass(frozen=True)
class Request:
    """A request as it is kept; `who` is the login of the token, or empty."""

    method: str
    path: str
    """Below the root of the API; of git, from the root of the server."""
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]
    who: str
    kind: str
    at: float

    @property
    def writes(self) -> bool:
        """Say whether it is there to change something."""
        return self.method not in ("GET", "HEAD", "OPTIONS") and self.path != GRAPHQL


@dataclass(frozen=True)
class Call:
    """What a function that answers is given."""

    world: World
    events: "Events"
    gate: "Gate"
    violations: list[str]
    request: Request
    token: Token | None
    parts: Mapping[str, str]

    @property
    def body(self) -> Any:
        """Return the body, an empty object for none."""
        return {} if self.request.body is None else self.request.body

    @property
    def user(self) -> User:
        """Return who asks; GitHub wants everybody who writes to say who he is."""
        if self.token is None:
            raise Refused(401, "Requires authentication")
        return self.token.user

    @property
    def repository(self) -> Hosted:
        """Return the repository of the path, if the token may know of it."""
        found = self.world.repository(f"{self.parts['owner']}/{self.parts['repo']}")
        if found is None or not sees(self.token, found):
            raise Refused(404, "Not Found")
        return found

    def forbid(self, what: str) -> None:
        """Note what the bot under test must never do."""
        if self.token is not None and self.token.user.ours:
            self.violations.append(f"{self.request.method} {self.request.path}: the bot {what}")

    def number(self, name: str) -> int:
        """Return a number of the path."""
        text = self.parts[name]
        if not text.isdigit():
            raise Refused(404, "Not Found")
        return int(text)

    def thread(self, name: str, *, pull: bool = False) -> Thread:
        """Return the issue or pull request of the path."""
        found = self.repository.threads.get(self.number(name))
        if found is None or (pull and found.pull is None):
            raise Refused(404, "Not Found")
        return found

    def paged(self, items: list[Any]) -> Answer:
        """Return one page of a list, with the addresses of the others."""
        shapes, headers = page(self, items)
        return Answer(200, shapes, headers)


def page(call: Call, items: list[Any]) -> tuple[list[Any], dict[str, str]]:
    """Return the wanted page of a list, and its `Link` header."""
    query = call.request.query
    size = max(1, min(100, int(query.get("per_page", "30"))))
    number = max(1, int(query.get("page", "1")))
    last = max(1, -(-len(items) // size))
    others = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    if number >= last:
        others = {name: at for name, at in others.items() if name not in ("next", "last")}
    if number == 1:
        others = {name: at for name, at in others.items() if name not in ("prev", "first")}
    kept = "&".join(f"{name}={value}" for name, value in query.items() if name != "page")
    path = call.request.path
    if "owner" in call.parts:
        # GitHub names the repository by its number here, which survives renaming.
        found = call.repository
        path = path.replace(f"/repos/{found.full_name}", f"/repositories/{found.id}", 1)
    root = f"{call.world.api}{path}?{kept + '&' if kept else ''}page="
    link = ", ".join(f'<{root}{at}>; rel="{name}"' for name, at in others.items())
    return items[(number - 1) * size : number * size], {"Link": link} if link else {}


def sees(token: Token | None, repository: Hosted) -> bool:
    """Say whether a token may know of a repository."""
    if not repository.private:
        return True
    if token is None or token.kind is Kind.APP:
        return False
    if token.kind is Kind.PERSONAL:
        return repository.permission(token.user.login) != "none"
    return covers(token, repository)


def covers(token: Token, repository: Hosted) -> bool:
    """Say whether a token of an App is for a repository."""
    return repository.installed and (
        token.repositories is None or repository.full_name.lower() in token.repositories
    )


def may(token: Token | None, repository: Hosted, needed: str) -> bool:
    """Say whether a token lets somebody do this in a repository."""
    public = not repository.private and needed.endswith(":read")
    if token is None:
        return public
    if token.kind is Kind.PERSONAL:
        held = repository.permission(token.user.login)
        # Everybody who can read may comment and open pull requests.
        open_to_all = needed in ("issues:write", "pull_requests:write")
        return held.may_write or ((needed.endswith(":read") or open_to_all) and held != "none")
    return public or (token.kind is not Kind.APP and covers(token, repository) and token.allows(needed))


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """How a path is answered."""

    key: Key
    handler: Handler
    needs: str
    """Permission in the repository, e.g. `checks:write`; `app` for a token of the App itself."""
    pattern: re.Pattern[str]


class Table:
    """Routes of one subject."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def on(self, method: str, path: str, needs: str = "") -> Callable[[Handler], Handler]:
        """Let a function answer a path of GitHub's description."""

        def keep(handler: Handler) -> Handler:
            pattern = re.sub(
                r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{'.+' if m[1] in _WIDE else '[^/]+'})", path
            )
            self.routes.append(Route((method, path), handler, needs, re.compile(pattern)))
            return handler

        return keep


def matched(routes: list[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the route of a request, and the parts of its path."""
    for route in routes:
        if route.key[0] == method and (found := route.pattern.fullmatch(path)):
            return route, {name: unquote(part) for name, part in found.groupdict().items()}
    return None
