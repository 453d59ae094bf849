"""Requests as whom we are: JSON in and out, page by page, a refused token of an App made anew once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urljoin

import httpx

from agent.repo.forge.errors import ForgeRefused, KeyRefused
from agent.repo.forge.github.answers import failed
from agent.repo.forge.github.authority import Authority
from agent.repo.forge.github.paths import repository_path
from agent.repo.forge.github.shape import ErrorsShape, Shape, parsed, parsed_list
from agent.repo.forge.github.wire import JSON, Answer, Wire

_PAGES = 100
_PER_PAGE = "100"
_REDIRECTS = 3
_ELSEWHERE = 302
_S = TypeVar("_S", bound=Shape)
Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Api:
    """What the halves of the port are made with; `repository` is `owner/name`, None asks about ourselves."""

    wire: Wire
    authority: Authority

    def get(
        self, shape: type[_S], repository: str | None, *segments: str | int, params: Params | None = None
    ) -> _S:
        """Return one thing."""
        return parsed(
            shape, self.ask("GET", repository, self.path(repository, *segments), params=params).content
        )

    def text(self, repository: str, *segments: str | int, accept: str) -> str:
        """Return one thing in another form."""
        answer = self.ask("GET", repository, self.path(repository, *segments), accept=accept)
        return answer.content.decode("utf-8", "replace")

    def send(
        self, shape: type[_S], method: str, repository: str | None, *segments: str | int, body: object
    ) -> _S:
        """Make or change one thing, by one request."""
        return parsed(
            shape, self.ask(method, repository, self.path(repository, *segments), body=body).content
        )

    def pages(
        self, shape: type[_S], repository: str | None, *segments: str | int, key: str = "", **params: str
    ) -> Iterator[_S]:
        """Yield the things of a list, `key` being where an object has them; ForgeRefused past 10,000."""
        url = self.path(repository, *segments)
        asked: Params | None = {"per_page": _PER_PAGE, **params}
        for _ in range(_PAGES):
            answer = self.ask("GET", repository, url, params=asked)
            yield from parsed_list(shape, answer.content, key)
            # The address of the next page holds all of the query.
            following = self._next(answer)
            if following is None:
                return
            url, asked = following, None
        raise ForgeRefused(f"GitHub lists more than {_PAGES * int(_PER_PAGE)} things there")

    def query(self, shape: type[_S], repository: str, query: str, **variables: str | int) -> _S:
        """Return what a query in GraphQL finds; an error in its answer is raised as one of its kind."""
        owner, _, name = repository.partition("/")
        body = {"query": query, "variables": {"owner": owner, "name": name, **variables}}
        content = self.ask("POST", repository, self.wire.graphql, body=body).content
        if errors := parsed(ErrorsShape, content).errors:
            raise failed(errors[0].type, content)
        return parsed(shape, content)

    def path(self, repository: str | None, *segments: str | int) -> str:
        """Return the path of something of a repository; without one, the segments as they are."""
        return repository_path(repository, *segments) if repository else "/".join(map(str, segments))

    def ask(
        self,
        method: str,
        repository: str | None,
        url: str,
        *,
        params: Params | None = None,
        body: object = None,
        accept: str = JSON,
        follow: bool = True,
    ) -> Answer:
        """Send a request; a repository that was renamed is followed to where it is, on GitHub itself.

        Without `follow` a 302, which is how GitHub points to files on other hosts, is returned.
        """
        for _ in range(_REDIRECTS + 1):
            answer = self._authorized(method, repository, url, accept, params, body)
            if not 300 <= answer.status < 400 or (answer.status == _ELSEWHERE and not follow):
                return answer
            url, params = self._where(answer, method), None
        raise ForgeRefused("GitHub points in a circle")

    def _authorized(
        self, method: str, repository: str | None, url: str, accept: str, params: Params | None, body: object
    ) -> Answer:
        try:
            headers = {"Accept": accept, "Authorization": self._header(repository, fresh=False)}
            return self.wire.ask(method, url, headers, params=params, body=body)
        except KeyRefused:
            # Nothing was done. A token that was revoked early is no reason to give up.
            if not self.authority.renews or repository is None:
                raise
        headers = {"Accept": accept, "Authorization": self._header(repository, fresh=True)}
        return self.wire.ask(method, url, headers, params=params, body=body)

    def _header(self, repository: str | None, *, fresh: bool) -> str:
        if repository is None:
            return f"Bearer {self.authority.own()}"
        return f"Bearer {self.authority.token(repository, fresh=fresh)}"

    def _where(self, answer: Answer, method: str) -> str:
        """Return where a redirect points, which must be GitHub itself: what says who we are goes along."""
        if method != "GET" and answer.status not in (307, 308):
            raise ForgeRefused("GitHub has it somewhere else now")
        return self._own(answer.headers.get("location", ""))

    def _next(self, answer: Answer) -> str | None:
        links = httpx.Response(200, headers={"link": answer.headers.get("link", "")}).links
        found = links.get("next", {}).get("url")
        return self._own(found) if found else None

    def _own(self, url: str) -> str:
        base = self.wire.base
        there = httpx.URL(urljoin(str(base), url))
        if (there.scheme, there.host, there.port) != (base.scheme, base.host, base.port):
            raise ForgeRefused("GitHub points to another host")
        return str(there)
