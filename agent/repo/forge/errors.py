"""What a forge can fail with; each says whether asking again may help."""

from agent.protocol.errors import RatchetError


class ForgeError(RatchetError):
    """The forge cannot be asked, or its answer cannot be used."""

    code = "forge"


class ForgeBusy(ForgeError):
    """The forge wants to be left alone for some time; nothing was done.

    Primary and secondary rate limits (GitHub REST: 403 and 429 with `retry-after` or `x-ratelimit-reset`).
    """

    code = "forge-busy"

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message, hint="it is asked again by itself")
        self.seconds = seconds
        """From now until it may be asked again."""


class ForgeUnreachable(ForgeError):
    """No answer, or one that says the forge failed: what was to be done may be done or not."""

    code = "forge-unreachable"


class ForgeRefused(ForgeError):
    """This may not be done, or makes no sense to the forge (401, 403, 422); asking again does not help."""

    code = "forge-refused"


class KeyRefused(ForgeRefused):
    """There is no key, or the forge does not know whom it belongs to (401): nothing else is wrong."""

    code = "forge-key"


class NotOnForge(ForgeError):
    """There is no such thing on the forge, or we may not see it (404, 410)."""

    code = "forge-missing"
