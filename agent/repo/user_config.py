"""The user's git configuration, read as data: who they are, what they ignore, how lines end."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from agent.protocol.errors import RepositoryError
from agent.repo.git import Git
from agent.repo.source import Source

_BOOLEANS = {"true", "false", "yes", "no", "on", "off", "1", "0", ""}
_HARMLESS = {
    "core.autocrlf": _BOOLEANS | {"input"},
    "core.eol": {"lf", "crlf", "native"},
    "core.filemode": _BOOLEANS,
    "core.ignorecase": _BOOLEANS,
    "core.symlinks": _BOOLEANS,
    "core.sharedrepository": _BOOLEANS | {"group", "all", "umask"},
}
"""The only settings that are passed on to our git, with the only values they may have."""


@dataclass(frozen=True, slots=True)
class UserConfig:
    """Settings by lower-case name; a later file wins."""

    values: dict[str, str]
    home: Path

    def get(self, name: str, default: str = "") -> str:
        """Return a setting by its lower-case name."""
        return self.values.get(name, default)

    def harmless(self) -> dict[str, str]:
        """Return the settings that decide how files look, never what runs."""
        found = {name: self.values[name] for name in _HARMLESS if name in self.values}
        return {name: value for name, value in found.items() if value.lower() in _HARMLESS[name]}

    def excludes_file(self) -> Path:
        """Return the user's own ignore file, `/dev/null` when there is none."""
        return self._personal("core.excludesfile", "ignore")

    def attributes_file(self) -> Path:
        """Return the user's own attributes file, `/dev/null` when there is none."""
        return self._personal("core.attributesfile", "attributes")

    def filters(self) -> frozenset[str]:
        """Return the names of filters that would change a file on its way into git."""
        parts = (name.split(".") for name in self.values)
        kinds = ("clean", "process")
        return frozenset(".".join(p[1:-1]) for p in parts if p[0] == "filter" and p[-1] in kinds)

    def _personal(self, setting: str, name: str) -> Path:
        named = self.get(setting)
        file = self.home / named.removeprefix("~/") if named else _xdg(self.home) / "git" / name
        # A repository may name a pipe or a device here, which git would wait for.
        return file if file.is_file() else Path("/dev/null")

    def is_partial(self) -> bool:
        """Return whether the clone left objects at its remote."""
        if self.get("extensions.partialclone"):
            return True
        return any(name.startswith("remote.") and name.endswith(".promisor") for name in self.values)


def read_config(git: Git, source: Source) -> UserConfig:
    """Read system, global, local and worktree files by git's own parser, which runs nothing."""
    home = Path(os.environ.get("HOME") or "~").expanduser()
    values: dict[str, str] = {}
    # `includeIf gitdir:` compares with the user's git directory; `config -f` takes nothing else from it.
    there = replace(git, git_dir=source.git_dir, variables={"HOME": str(home)})
    for path, trusted in _files(source, home):
        if path.is_file():
            values.update(_entries(there if trusted else git, path, trusted))
    return UserConfig(values, home)


def _files(source: Source, home: Path) -> Iterator[tuple[Path, bool]]:
    # Only files outside the repository may include others: a repository must not choose what is read.
    if not os.environ.get("GIT_CONFIG_NOSYSTEM"):
        yield Path("/etc/gitconfig"), True
    named = os.environ.get("GIT_CONFIG_GLOBAL")
    if named is None:
        yield _xdg(home) / "git" / "config", True
        yield home / ".gitconfig", True
    elif named:
        yield Path(named), True
    yield source.common_dir / "config", False
    yield source.git_dir / "config.worktree", False


def _entries(git: Git, path: Path, includes: bool) -> dict[str, str]:
    flag = "--includes" if includes else "--no-includes"
    try:
        listed = git.run("config", "-f", str(path), flag, "--null", "--list")
    except RepositoryError as error:
        raise RepositoryError(
            f"{path} is not readable as git configuration",
            hint=f"repair it: `git config --file {path} --list` names the line",
            log=error.log,
        ) from error
    entries: dict[str, str] = {}
    for item in listed.split(b"\0")[:-1]:
        name, equals, value = os.fsdecode(item).partition("\n")
        entries[name] = value if equals else "true"
    return entries


def _xdg(home: Path) -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
