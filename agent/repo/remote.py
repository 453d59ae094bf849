"""Git against a repository on another machine: one URL, one header, no redirects, bounds on time and size."""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from agent.protocol.errors import Interrupted, RepositoryError
from agent.repo.git import Git

_SCHEMES = ("https", "http")
_PASSED_ON = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_MIB = 1 << 20
_REJECTED = ("[remote rejected]", "[rejected]")
_REFUSED = ("Authentication failed", "could not read Username", "not found", "redirect", *_REJECTED)
_CODES = tuple(f"returned error: {code}" for code in (301, 302, 307, 308, 400, 401, 403, 404, 410, 451))
_GONE = ("not our ref", "couldn't find remote ref", "unadvertised object")
_AWAY = (
    "unable to access",
    "unable to connect",
    "RPC failed",
    "early EOF",
    "hung up",
    "disconnect",
    "timed out",
)
_SETTINGS = {
    # Curl would send the header on to wherever it is pointed.
    "http.followRedirects": "false",
    "http.sslVerify": "true",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "http.emptyAuth": "false",
    "fetch.showForcedUpdates": "false",
    "fetch.output": "compact",
    "push.followTags": "false",
    "push.gpgSign": "false",
}


class RemoteAway(RepositoryError):
    """The other machine gives no answer, or no whole one; asking again may help."""

    code = "remote-away"


class RemoteRefused(RepositoryError):
    """The other machine does not let us, has no such repository, or holds more than we take."""

    code = "remote-refused"


class CommitGone(RepositoryError):
    """A commit or ref is not there, or not any longer."""

    code = "commit-gone"


class Access(Protocol):
    """How git reaches a repository, as agent.repo.forge.values.GitAccess says it."""

    @property
    def url(self) -> str:
        """Return where it is, https or http."""

    @property
    def header(self) -> str:
        """Return an `Authorization: …` line for this URL alone; a secret."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one exchange may take."""

    seconds: float = 900.0
    mebibytes: int = 8192
    """Of the repository on disk."""


@dataclass(frozen=True, slots=True)
class Remote:
    """One exchange of a repository of ours with another machine."""

    git: Git
    access: Access = field(repr=False)
    bounds: Bounds = field(default_factory=Bounds)
    interrupt: threading.Event | None = None

    def fetch(self, refspecs: Sequence[str]) -> None:
        """Bring what the refspecs name, without tags and submodules; raises CommitGone and the like."""
        flags = ["--quiet", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules"]
        self._ask("fetch", *flags, "--no-tags", "--end-of-options", self.access.url, *refspecs)

    def push(self, commit: str, ref: str, expected: str | None) -> None:
        """Put a commit at a ref that stands at `expected`, None for one that must not be there."""
        flags = ["--quiet", "--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no"]
        lease = f"--force-with-lease={ref}:{expected or ''}"
        self._ask("push", *flags, lease, "--end-of-options", self.access.url, f"{commit}:{ref}")

    def tip(self, ref: str) -> str | None:
        """Return where a ref stands there."""
        listed = self._ask("ls-remote", "--quiet", "--refs", "--end-of-options", self.access.url, ref)
        # Names hold whatever a line may end with elsewhere, but no line feed.
        lines = [line.partition("\t") for line in os.fsdecode(listed).split("\n")]
        return next((commit for commit, _, name in lines if name == ref), None)

    def _ask(self, *args: str) -> bytes:
        git = replace(
            self.git, settings={**self.git.settings, **_SETTINGS}, variables=_variables(self.access)
        )
        try:
            return git.watched(*args, tick=self._tick())
        except RepositoryError as error:
            raise _sorted(error) from None

    def _tick(self) -> Callable[[], None]:
        end = time.monotonic() + self.bounds.seconds

        def tick() -> None:
            if self.interrupt is not None and self.interrupt.is_set():
                raise Interrupted("cancelled while commits were exchanged with the forge")
            if time.monotonic() > end:
                raise RemoteAway(f"git took longer than {self.bounds.seconds:.0f} s, and was ended")
            if _size(self.git.git_dir) > self.bounds.mebibytes * _MIB:
                raise RemoteRefused(
                    f"the repository is larger than {self.bounds.mebibytes} MiB",
                    hint="work in a clone of your own",
                )

        return tick


def _variables(access: Access) -> Mapping[str, str]:
    scheme = urlsplit(access.url).scheme
    if scheme not in _SCHEMES or any(not char.isprintable() or char.isspace() for char in access.url):
        raise RemoteRefused("the forge's address is neither https nor http")
    environ = {name.lower(): value for name, value in os.environ.items() if name.lower() in _PASSED_ON}
    if bundle := os.environ.get("SSL_CERT_FILE"):
        environ["GIT_SSL_CAINFO"] = bundle
    # In the environment, because everybody on the machine can read arguments.
    pairs = [(f"http.{access.url}.extraHeader", access.header)] if access.header else []
    for number, (key, value) in enumerate(pairs):
        environ |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {**environ, "GIT_CONFIG_COUNT": str(len(pairs)), "GIT_ALLOW_PROTOCOL": scheme}


def _sorted(error: RepositoryError) -> RepositoryError:
    """Return what git said as an error that says whether asking again may help."""
    kinds = ((_GONE, CommitGone), ((*_REFUSED, *_CODES), RemoteRefused), (_AWAY, RemoteAway))
    kind = next((kind for marks, kind in kinds if any(mark in error.log for mark in marks)), None)
    if kind is None:
        return error
    rejected = next((line for line in error.log.splitlines() if any(mark in line for mark in _REJECTED)), "")
    said = "".join(char if char.isprintable() else "?" for char in rejected.strip())
    return kind(f"the forge did not take it: {said}" if said else error.message, log=error.log)


def _size(git_dir: Path) -> int:
    places = [git_dir / "objects" / "pack", *(git_dir / "objects").glob("tmp*")]
    return sum(_of(path) for place in places for path in ([place] if place.is_file() else place.glob("*")))


def _of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
