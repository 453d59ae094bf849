"""The open documents of an editor, by URI."""

from collections.abc import Callable, Iterator, Sequence

from lsp.text.document import Change, Document, Encoding, InvalidEdit
from lsp.text.preparing import Preparations

Tell = Callable[[str], None]
"""Takes one sentence for the user."""
Heard = Callable[[str], None]
"""Takes the URI of a document that was opened, changed or closed."""


class Documents:
    """Follows what is opened, changed and closed; `tell` hears of documents that cannot be followed."""

    def __init__(self, tell: Tell) -> None:
        self._open: dict[str, Document] = {}
        self._tell = tell
        self._heard: list[Heard] = []
        self.preparations = Preparations()
        """Of texts that are about to be opened; for any thread."""

    def __iter__(self) -> Iterator[Document]:
        """Iterate over what is open now."""
        return iter(tuple(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """Return an open document; it goes on changing."""
        return self._open.get(uri)

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Be told after each opening, change and closing; call what is returned to hear no more."""
        self._heard.append(heard)
        return lambda: self._heard.remove(heard)

    def open(self, uri: str, version: int, text: str, encoding: Encoding) -> None:
        """Take a document over from the disk."""
        ready = self.preparations.take(text)
        self._open[uri] = Document(uri, version, text, encoding, lines=ready.lines, feed=ready.feed)
        self._say(uri)

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
        self._say(uri)

    def close(self, uri: str) -> None:
        """Give a document back to the disk."""
        if self._open.pop(uri, None) is not None:
            self._say(uri)

    def _say(self, uri: str) -> None:
        for heard in tuple(self._heard):
            heard(uri)
