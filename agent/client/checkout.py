"""Which repository a folder lies in, and what that is called on a forge, read from the files alone."""

import re
from pathlib import Path
from urllib.parse import urlsplit

_REMOTE = re.compile(r'^\s*\[remote "[^"\n]*"\][^\[]*?^\s*url\s*=\s*(?P<url>\S+)\s*$', re.MULTILINE)
_SCP = re.compile(r"^(?:[\w.-]+@)?(?P<host>[\w.-]+):(?P<path>[^/].*)$")
_MOST_BYTES = 1_000_000


def checkout_of(folder: Path) -> Path | None:
    """Return the top of the repository that a folder lies in, None outside of any.

    Runs no git, which may run what a repository's settings name.
    """
    return next((one for one in (folder, *folder.parents) if _is_top(one)), None)


def names_of(top: Path, web: str) -> frozenset[str]:
    """Return what tasks call a repository: its path, and `github:owner/name` for each remote on the forge.

    `web` is the forge's address, as in `[bot]`.
    """
    host = urlsplit(web).hostname
    found = (_name(match["url"], host) for match in _REMOTE.finditer(_config(top)))
    return frozenset({str(top), *(f"github:{name}" for name in found if name)})


def _config(top: Path) -> str:
    git = top / ".git"
    try:
        if git.is_file():
            # A linked working tree: `gitdir: …/.git/worktrees/NAME`.
            linked = top / git.read_text(errors="replace").partition("gitdir:")[2].strip()
            shared = linked / "commondir"
            git = linked / shared.read_text(errors="replace").strip() if shared.is_file() else linked
        with (git / "config").open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""


def _name(url: str, host: str | None) -> str | None:
    """Return `owner/name` of a remote on a host; None for any other."""
    short = _SCP.match(url) if "://" not in url else None
    where, path = (short["host"], short["path"]) if short else _split(url)
    parts = path.strip("/").removesuffix(".git").split("/")
    return "/".join(parts) if host and where == host and len(parts) == 2 else None


def _split(url: str) -> tuple[str | None, str]:
    try:
        found = urlsplit(url)
    except ValueError:
        return None, ""
    return found.hostname, found.path


def _is_top(folder: Path) -> bool:
    """Say whether a folder is the top of a repository, of a linked working tree or of a submodule."""
    git = folder / ".git"
    try:
        return git.is_file() or (git / "HEAD").is_file()
    except OSError:
        # A name that is too long, or a folder that may not be looked into.
        return False
