"""What an editor is told of something that went wrong: never where on this machine."""

import traceback
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent.protocol.errors import RatchetError

_LONGEST = 500


def failure(error: BaseException) -> types.ResponseError:
    """Return the error that answers a request."""
    if isinstance(error, RatchetError):
        return types.ResponseError(types.LSPErrorCodes.RequestFailed, sentence(error))
    if isinstance(error, JsonRpcException):
        return types.ResponseError(error.code, error.message[:_LONGEST])
    return types.ResponseError(types.ErrorCodes.InternalError, sentence(error))


def sentence(error: BaseException) -> str:
    """Return one sentence for the user; of an error of ours where in our sources it is."""
    if isinstance(error, RatchetError):
        return f"{error.message} ({error.hint})" if error.hint else error.message
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"internal error: {type(error).__name__}{place}"
