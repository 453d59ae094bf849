"""One request to GitHub by githubkit: bounded in time and size, sent once, followed nowhere."""

import logging
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from githubkit import Config, GitHubCore, UnauthAuthStrategy
from githubkit.config import get_config
from githubkit.exception import GitHubException, RequestError

from agent import __version__
from agent.repo.forge.errors import ForgeError, ForgeRefused, ForgeUnreachable
from agent.repo.forge.github.answers import refusal

JSON = "application/vnd.github+json"
_API_VERSION = "2022-11-28"
_ENTERPRISE = "/api/v3/"
_MIB = 1 << 20
_LARGEST = 16 * _MIB
"""Of an answer; a page of a hundred comments of 64 KiB fits."""
_LARGEST_REFUSAL = 64 << 10


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer may take, in seconds."""

    connect: float = 10.0
    silence: float = 30.0
    whole: float = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer, or a redirect."""

    status: int
    headers: httpx.Headers
    content: bytes


class Wire:
    """Sends requests over connections that are kept; threads may share one."""

    def __init__(self, api: str, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        timeout = httpx.Timeout(self._patience.silence, connect=self._patience.connect)
        config = get_config(
            base_url=api,
            user_agent=f"ratchet/{__version__}",
            follow_redirects=False,
            timeout=timeout,
            http_cache=False,
            auto_retry=False,
            event_hooks={"response": [_refusing(self._patience)]},
        )
        for name in ("httpx", "httpcore"):
            # Their lines hold the signed addresses of logs.
            logging.getLogger(name).setLevel(logging.WARNING)
        self._github = _Kept(config)
        # Nothing of the client's may refer to this object, or both would stay for ever.
        self._close = weakref.finalize(self, self._github.client.close)
        self.base = config.base_url
        """Where the API is, with a slash at its end."""
        self.graphql = str(
            self.base.join("../graphql" if self.base.path.endswith(_ENTERPRISE) else "graphql")
        )
        """Where GraphQL is asked: beside the API on a server of one's own, below it elsewhere."""

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Answer:
        """Send one request, its URL below `base` or on another host; raises ForgeError."""
        sent = {"X-GitHub-Api-Version": _API_VERSION, **headers}
        with self._sent(method, url, sent, params, body) as (response, end):
            content = b"".join(_bounded(response, end, _LARGEST))
            return Answer(response.status_code, response.headers, content)

    def tail(self, url: str, largest: int, most: int) -> bytes:
        """Return the last bytes of a file on whatever host; nothing that says who we are is sent."""
        kept: deque[bytes] = deque()
        size = 0
        with self._sent("GET", url, {}, None, None) as (response, end):
            if response.is_redirect:
                raise ForgeRefused("GitHub points from one place to another")
            for piece in _bounded(response, end, most):
                kept.append(piece)
                size += len(piece)
                while size - len(kept[0]) >= largest:
                    size -= len(kept.popleft())
        return b"".join(kept)[-largest:]

    def close(self) -> None:
        """Close the connections, which happens by itself when nobody has the wire any longer."""
        self._close()

    @contextmanager
    def _sent(
        self, method: str, url: str, headers: Mapping[str, str], params: Any, body: object
    ) -> Iterator[tuple[httpx.Response, float]]:
        end = time.monotonic() + self._patience.whole
        try:
            response = self._github.request(
                method, url, params=params, json=body, headers=dict(headers), stream=True
            ).raw_response
        except GitHubException as error:
            raise _told(error) from None
        try:
            yield response, end
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise ForgeUnreachable(f"GitHub's answer broke off ({type(error).__name__})") from None
        finally:
            response.close()


def _refusing(patience: Patience) -> Callable[[httpx.Response], None]:
    """Return what looks at an answer before githubkit does, which takes for a limit less than what is one."""

    def refuse(response: httpx.Response) -> None:
        if response.status_code < 400:
            return
        end = time.monotonic() + patience.whole
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > _LARGEST_REFUSAL or time.monotonic() > end:
                break
        raise refusal(response.status_code, response.headers, bytes(body))

    return refuse


class _Kept(GitHubCore[UnauthAuthStrategy]):
    """Githubkit with one client for all requests, where its own makes one for each."""

    def __init__(self, config: Config) -> None:
        super().__init__(config=config)
        self.client = self._create_sync_client()

    @contextmanager
    def get_sync_client(self) -> Iterator[httpx.Client]:
        yield self.client


def _bounded(response: httpx.Response, end: float, largest: int) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_bytes():
        size += len(piece)
        if size > largest:
            raise ForgeRefused(f"GitHub's answer is larger than {largest // _MIB} MiB")
        if time.monotonic() > end:
            raise ForgeUnreachable("GitHub's answer took too long")
        yield piece


def _told(error: GitHubException) -> ForgeError:
    cause = error.exc if isinstance(error, RequestError) else error
    if isinstance(cause, ForgeError):
        return cause
    # Without its text, which may hold the query of a signed address.
    return ForgeUnreachable(f"GitHub gives no answer ({type(cause).__name__})", hint="is the network up?")
