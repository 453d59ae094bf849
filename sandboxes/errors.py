"""What can go wrong with a sandbox itself; what the code inside does is a Result, not an error."""


class SandboxError(Exception):
    """One sentence, a hint what to do about it, and the log tail where there is one."""

    def __init__(self, message: str, *, hint: str = "", log: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.log = log


class SandboxUnavailable(SandboxError):
    """No backend works here."""


class SandboxLost(SandboxError):
    """The sandbox died under us."""


class EnvironmentBroken(SandboxError):
    """The environment could not be resolved, fetched, built or imported."""
