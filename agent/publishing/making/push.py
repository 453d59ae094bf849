"""A branch of our own on the forge."""

from pathlib import Path
from urllib.parse import quote

from agent.protocol.errors import RepositoryError
from agent.publishing.effect import Push, Result
from agent.publishing.making.hand import Found, Hand
from agent.repo.forge.errors import ForgeRefused, ForgeUnreachable
from agent.repo.forge.values import GitAccess
from agent.repo.mirror import Mirror
from agent.repo.remote import RemoteAway


def push(hand: Hand, wanted: Push) -> Found:
    """Return where the branch is if it stands at the commit, else how to put it there."""
    mirror, access = Mirror(Path(wanted.mirror)), hand.forge.git_access(hand.repository)
    try:
        tip = mirror.tip(access, wanted.branch)
    except RepositoryError as error:
        raise _of_forge(error) from error
    if tip == wanted.commit:
        return _result(access, wanted)
    return lambda: _push(mirror, access, wanted)


def _push(mirror: Mirror, access: GitAccess, wanted: Push) -> Result:
    try:
        tip = mirror.push(access, wanted.branch, wanted.commit)
    except RepositoryError as error:
        raise _of_forge(error) from error
    if tip != wanted.commit:
        return {"failed": "somebody else has put another commit on that branch"}
    return _result(access, wanted)


def _result(access: GitAccess, wanted: Push) -> Result:
    repository = access.url.removesuffix(".git")
    return {"commit": wanted.commit, "url": f"{repository}/tree/{quote(wanted.branch)}"}


def _of_forge(error: RepositoryError) -> ForgeRefused | ForgeUnreachable:
    """Return what git met with as an error of the forge's other requests."""
    kind = ForgeUnreachable if isinstance(error, RemoteAway) else ForgeRefused
    return kind(error.message, hint=error.hint)
