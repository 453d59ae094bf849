"""The folders of an editor, and which repository a document lies in."""

from dataclasses import dataclass
from pathlib import Path

from pygls import uris

from agent.client.checkout import checkout_of


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
        self._documents: dict[str, Path | None] = {}
        self._tops: dict[Path, Path] = {}

    def add(self, uri: str) -> None:
        """Open a folder; a URI that is no file's is left out."""
        path = path_of(uri)
        if path is not None:
            self._roots[uri] = path

    def remove(self, uri: str) -> None:
        """Close a folder."""
        self._roots.pop(uri, None)

    def look_at(self, uri: str, is_open: bool) -> bool:
        """Count a document in or out; returns whether that is new."""
        if is_open == (uri in self._documents):
            return False
        if is_open:
            self._documents[uri] = path_of(uri)
        else:
            del self._documents[uri]
        return True

    @property
    def documents(self) -> tuple[Path, ...]:
        """Return the files that are open."""
        return tuple(path for path in self._documents.values() if path is not None)

    def uri_for(self, path: Path) -> str:
        """Return the URI of a file: the editor's own, which may be spelled otherwise, when it is open."""
        return next((uri for uri, one in self._documents.items() if one == path), None) or uri_of(path)

    @property
    def repositories(self) -> tuple[Path, ...]:
        """Return the repositories of the folders and of the open documents, each once."""
        around = (path.parent for path in self._documents.values() if path is not None)
        tops = (self._top(place) for place in dict.fromkeys((*self._roots.values(), *around)))
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
        # What is no repository may become one.
        found = self._tops.get(folder) or checkout_of(folder)
        if found is not None:
            self._tops[folder] = found
        return found


def path_of(uri: str) -> Path | None:
    """Return the path of a file URI, links resolved; None for any other."""
    try:
        found = uris.to_fs_path(uri) if uri.startswith("file:") else None
        return Path(found).resolve() if found and found.startswith("/") else None
    except (OSError, ValueError):
        # A loop of links, a NUL, half of a character.
        return None


def uri_of(path: Path) -> str:
    """Return the URI of a path."""
    return path.as_uri()
