"""What effects are made with: a repository on a forge, and who says whether it may still be written to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from agent.publishing.effect import Result
from agent.repo.forge.errors import ForgeRefused, KeyRefused, NotOnForge
from agent.repo.forge.port import Forge
from agent.repo.forge.values import Account, Comment, PostedReview

Act = Callable[[], Result]
"""Makes one thing; raises ForgeError, of which ForgeUnreachable leaves it in doubt."""
Found = Result | Act
"""What is there already, or how to make it."""


@dataclass
class Hand:
    """One repository, written to under a lease."""

    forge: Forge
    repository: str
    """`owner/name`."""
    fence: Callable[[], None] = field(default=lambda: None)
    """Raises LeaseLost; asked before each further request of an effect that takes several."""
    app: int | None = None
    """Id of the GitHub App that we are, if we are one."""

    @cached_property
    def me(self) -> Account:
        """Whom our own writing comes from; raises KeyRefused when the forge does not say."""
        try:
            return self.forge.me()
        except (ForgeRefused, NotOnForge) as error:
            raise KeyRefused(error.message, hint=error.hint) from error

    def our_comments(self, number: int) -> Iterable[Comment]:
        """Yield our own comments, oldest first."""
        return (one for one in self.forge.comments(self.repository, number) if one.author.id == self.me.id)

    def our_reviews(self, number: int) -> Iterable[PostedReview]:
        """Yield our own reviews, oldest first."""
        return (one for one in self.forge.reviews(self.repository, number) if one.author.id == self.me.id)


def begins_with(body: str, marker: str) -> bool:
    """Say whether a marker is the first line of a text; further down it is a quotation."""
    return body.partition("\n")[0].strip() == marker


def posted(one: Comment | PostedReview) -> Result:
    """Return a comment or a review as the result of the effect that made it."""
    return {"id": one.id, "url": one.url}
