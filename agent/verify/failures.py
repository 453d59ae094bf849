"""The one place where what goes wrong with a sandbox becomes an error of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from agent.protocol.errors import EnvironmentFailed, IsolationUnavailable, RatchetError
from sandboxes.errors import EnvironmentBroken, SandboxError, SandboxUnavailable


@contextmanager
def sandbox_errors_mapped() -> Iterator[None]:
    """Turn a SandboxError raised inside the block into the RatchetError that a task ends with."""
    try:
        yield
    except SandboxError as error:
        raise mapped(error) from error


def mapped(error: SandboxError) -> RatchetError:
    """Return the error of ours that stands for a sandbox's."""
    if isinstance(error, SandboxUnavailable):
        return IsolationUnavailable(error.message, hint=error.hint, log=error.log)
    if isinstance(error, EnvironmentBroken):
        return EnvironmentFailed(error.message, hint=error.hint, log=error.log)
    return IsolationUnavailable(
        error.message, hint=error.hint or "run `ratchet doctor` to see what is in force", log=error.log
    )
