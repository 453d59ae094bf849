"""Paths of the REST API; whatever comes from outside is quoted into one segment."""

import re
from urllib.parse import quote

from agent.repo.forge.errors import ForgeRefused

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def repository_path(repository: str, *segments: str | int) -> str:
    """Return the path of something of a repository, `owner/name`, below the root of the API."""
    owner, _, name = repository.partition("/")
    if any(not _NAME.fullmatch(part) or not part.strip(".") for part in (owner, name)):
        raise ForgeRefused("that is no name of a repository")
    return path("repos", owner, name, *segments)


def path(*segments: str | int) -> str:
    """Return segments as a path; raises ForgeRefused for one that a server would take away."""
    quoted = [quote(str(segment), safe="") for segment in segments]
    if any(not segment.strip(".") for segment in quoted):
        raise ForgeRefused("that is no name of anything on a forge")
    return "/".join(quoted)
