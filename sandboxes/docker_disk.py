"""What our images take on the engine's disk, and how to free it."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError, ImageNotFound

from sandboxes.docker_engine import connect, engine_errors
from sandboxes.docker_images import REPOSITORY
from sandboxes.errors import SandboxUnavailable


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image that was imported from a root directory of ours."""

    id: str
    tag: str
    size: int
    """Bytes."""
    created: int
    """Seconds since the epoch."""


def stored_images() -> tuple[StoredImage, ...]:
    """List our images; none when no engine answers."""
    try:
        client = connect(seconds=10)
    except SandboxUnavailable:
        return ()
    with closing(client), engine_errors("list images"):
        found = client.images(REPOSITORY)
    return tuple(map(_stored, found))


def remove_image(image: StoredImage) -> bool:
    """Remove an image; False when a container still uses it."""
    with closing(connect()) as client:
        try:
            client.remove_image(image.tag or image.id)
        except ImageNotFound:
            return True
        except APIError:
            return False
        return True


def _stored(said: Mapping[str, Any]) -> StoredImage:
    tags = said.get("RepoTags") or [""]
    return StoredImage(str(said["Id"]), str(tags[0]), int(said["Size"]), int(said["Created"]))
