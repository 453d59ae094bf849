"""Who is who for GitHub, and what they may do."""

from collections.abc import Mapping

from pydantic import Field

from agent.protocol.forge import Permission
from agent.repo.forge.github.shape import Shape
from agent.repo.forge.values import Account


class UserShape(Shape):
    """Somebody."""

    login: str
    id: int
    type: str = "User"

    def value(self) -> Account:
        """Return it as the port's."""
        return Account(login=self.login, id=self.id, bot=self.type == "Bot" or self.login.endswith("[bot]"))


GHOST = UserShape(login="ghost", id=10137)
"""Whom GitHub shows for somebody who deleted their account; its lists then name nobody."""


class AppShape(Shape):
    """The App that a key belongs to."""

    id: int
    slug: str
    permissions: Mapping[str, str] = {}
    events: tuple[str, ...] = ()


class InstallationShape(Shape):
    """Where an App is installed."""

    id: int
    permissions: Mapping[str, str] = {}
    events: tuple[str, ...] = ()


class InstallationTokenShape(Shape):
    """A token of an installation."""

    token: str = Field(repr=False)
    expires_at: str = ""


_FINER = {("write", "maintain"): Permission.MAINTAIN, ("read", "triage"): Permission.TRIAGE}


class PermissionShape(Shape):
    """What somebody may do in a repository."""

    permission: str = "none"
    role_name: str = ""

    def value(self) -> Permission:
        """Return the role; for one of the organization's own, what it comes down to."""
        # An organization may call a role as it likes, so that its name alone gives nothing.
        finer = _FINER.get((self.permission, self.role_name))
        return finer or Permission(self.permission if self.permission in set(Permission) else "none")


class RateShape(Shape):
    """How many requests are left of how many."""

    limit: int = 0
    remaining: int = 0
    reset: int = 0


class LimitsShape(Shape):
    """The limits of all kinds of requests; `rate` is that of most."""

    rate: RateShape = RateShape()
