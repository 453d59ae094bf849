"""Which hunks of a patch are kept, and the patch that they make."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from agent.patches.hunks import FileDiff, Part, dropped_with, kept_with, parts, without
from agent.patches.parsing.git_diff import parse_git_diff


@dataclass(frozen=True, slots=True)
class Choice:
    """A patch by its hunks, of which some may have been dropped."""

    files: tuple[FileDiff, ...] = ()
    dropped: frozenset[Part] = frozenset()

    @classmethod
    def of(cls, diff: str) -> "Choice":
        """Return the choice of everything; raises PatchRefused."""
        return cls(parse_git_diff(diff))

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return everything that can be chosen."""
        return tuple(parts(self.files))

    @property
    def whole(self) -> bool:
        """Say whether nothing is dropped."""
        return not self.dropped

    @property
    def empty(self) -> bool:
        """Say whether nothing is kept."""
        return len(self.dropped) == len(self.parts)

    @property
    def patch(self) -> str:
        """Return the diff of what is kept; to the letter the whole one as long as nothing is dropped."""
        return without(self.files, self.dropped)

    def toggled(self, part: Part) -> "Choice":
        """Drop a part, or keep it again, with those that cannot be without it or it without them."""
        if part in self.dropped:
            return replace(self, dropped=self.dropped - kept_with(self.files, part))
        return self._without({part})

    def file_toggled(self, number: int) -> "Choice":
        """Drop all of a file, or keep all of it again where anything of it is dropped."""
        own = {part for part in self.parts if part.file == number}
        if not own & self.dropped:
            return self._without(own)
        needed = frozenset[Part]().union(*(kept_with(self.files, part) for part in own))
        return replace(self, dropped=self.dropped - needed)

    def kept(self) -> "Choice":
        """Keep everything again."""
        return replace(self, dropped=frozenset())

    def _without(self, more: Collection[Part]) -> "Choice":
        return replace(self, dropped=dropped_with(self.files, self.dropped | set(more)))
