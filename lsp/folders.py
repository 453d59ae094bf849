"""The folders of an editor, and which repository a document lies in."""

from dataclasses import dataclass
from pathlib import Path

from pygls import uris


@dataclass(frozen=True, slots=True)
class Within:
    """A file of a repository."""

    repository: Path
    """Top of the working tree."""
    path: str
    """Below it, with slashes."""


class Folders:
    """What is open; a document outside of every folder is looked at where it lies."""

    def __init__(self) -> None:
        self._roots: dict[str, Path] = {}
        self._tops: dict[Path, Path | None] = {}

    def add(self, uri: str) -> None:
        """Open a folder; a URI that is no file's is left out."""
        path = path_of(uri)
        if path is not None:
            self._roots[uri] = path

    def remove(self, uri: str) -> None:
        """Close a folder."""
        self._roots.pop(uri, None)

    @property
    def repositories(self) -> tuple[Path, ...]:
        """Return the repositories of the folders, each once."""
        tops = (self._top(root) for root in self._roots.values())
        return tuple(dict.fromkeys(top for top in tops if top is not None))

    def within(self, uri: str) -> Within | None:
        """Return where a document is; None when it is no file, or in no repository."""
        path = path_of(uri)
        top = self._top(path.parent) if path is not None else None
        if path is None or top is None:
            return None
        return Within(top, path.relative_to(top).as_posix())

    def repository_of(self, uri: str) -> Path | None:
        """Return the repository of a document or a folder."""
        path = path_of(uri)
        return self._top(path) if path is not None else None

    def _top(self, folder: Path) -> Path | None:
        if folder not in self._tops:
            self._tops[folder] = _find(folder)
        return self._tops[folder]


def _find(folder: Path) -> Path | None:
    # Read from the files alone: git itself may run what a repository's settings name.
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def path_of(uri: str) -> Path | None:
    """Return the path of a file URI, links resolved; None for any other."""
    found = uris.to_fs_path(uri) if uri.startswith("file:") else None
    return Path(found).resolve() if found else None


def uri_of(path: Path) -> str:
    """Return the URI of a path."""
    return path.as_uri()
