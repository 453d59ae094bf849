"""A file's text as an editor shows it, and what the editor would write for it again."""

import re
from dataclasses import dataclass

from lsp.text.document import feed_of

BOM = "\ufeff"
_ENDS = re.compile("\r\n|\r|\n")
_FEEDS = re.compile("\r\n|\n")
_LONE = re.compile("\r(?!\n)")
# Git's own rule for a file that it shows no diff of.
_LOOKED_AT = 8000


@dataclass(frozen=True, slots=True)
class View:
    r"""How an editor shows a file.

    Editors keep a byte-order mark to themselves, and most have one line end for a whole buffer: Neovim 0.7
    says \n whatever the file has. A buffer that has several shows that its editor leaves them alone.
    """

    hides_mark: bool = False
    feed: str = ""
    r"""What \n and \r\n are shown as; empty for what they are."""
    has_lone: bool = True
    r"""Whether a lone \r stays one."""

    @classmethod
    def of(cls, content: str, text: str) -> "View":
        """Return how a file is shown whose buffer, maybe after edits, holds `text`."""
        feed = feed_of(text) or ""
        lone = not feed or not _LONE.search(content) or bool(_LONE.search(text))
        return cls(not text.startswith(BOM), feed, lone)

    def show(self, content: str) -> str:
        """Return what the editor shows for a content."""
        if self.hides_mark:
            content = content.removeprefix(BOM)
        if not self.feed:
            return content
        return (_FEEDS if self.has_lone else _ENDS).sub(self.feed, content)


def saved(text: str, disk: str | None, *, keeps_ends: bool = True) -> str:
    """Return what an editor would write for a buffer when it read `disk`.

    Without `keeps_ends` the user gave the buffer other line ends than it was opened with.
    """
    if disk is None:
        return text
    if keeps_ends and View.of(disk, text).show(disk) == text:
        return disk
    feed = feed_of(disk) if keeps_ends and feed_of(text) else ""
    written = _FEEDS.sub(feed, text) if feed else text
    return BOM + written if disk.startswith(BOM) and not written.startswith(BOM) else written


def text_of(content: bytes) -> str:
    """Return the text of a file; raises ValueError with the reason when it has none."""
    if b"\0" in content[:_LOOKED_AT]:
        raise ValueError("it is binary")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
