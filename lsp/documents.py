"""The open documents of an editor, by URI."""

from collections.abc import Callable, Sequence

from lsp.document import Change, Document, Encoding, InvalidEdit

Tell = Callable[[str], None]
"""Takes one sentence for the user."""


class Documents:
    """Follows what is opened, changed and closed; `tell` hears of documents that cannot be followed."""

    def __init__(self, tell: Tell) -> None:
        self._open: dict[str, Document] = {}
        self._tell = tell

    def open(self, uri: str, version: int, text: str, encoding: Encoding) -> None:
        """Take a document over from the disk."""
        self._open[uri] = Document(uri, version, text, encoding)

    def change(self, uri: str, version: int, changes: Sequence[Change]) -> None:
        """Apply edits; after an impossible one the document is left alone until it is opened again."""
        document = self._open.get(uri)
        if document is None:
            return
        was_desynced = bool(document.desynced)
        try:
            document.apply(version, changes)
        except InvalidEdit as error:
            if not was_desynced:
                self._tell(f"{uri} is not followed any more ({error}); close and open it again")

    def close(self, uri: str) -> None:
        """Give a document back to the disk."""
        self._open.pop(uri, None)

    def get(self, uri: str) -> Document | None:
        """Return an open document; None when it is not open."""
        return self._open.get(uri)
