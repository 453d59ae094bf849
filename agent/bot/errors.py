"""Why a delivery is not taken."""

from agent.protocol.errors import UsageError


class Forged(UsageError):
    """Nobody who knows a secret of ours has signed this."""

    code = "forged"


class NotUnderstood(UsageError):
    """It is signed, and says nothing that can be read."""

    code = "not-understood"

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        """Of the answer."""
