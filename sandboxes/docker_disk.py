"""What our images take on the engine's disk, and how to free it."""

from dataclasses import dataclass

import docker
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
    with engine_errors("list images"):
        found = client.images(REPOSITORY)
    return tuple(
        StoredImage(
            str(one["Id"]), str((one.get("RepoTags") or [""])[0]), int(one["Size"]), int(one["Created"])
        )
        for one in found
    )


def remove_image(image: StoredImage) -> bool:
    """Remove an image; False when a container still uses it."""
    client: docker.APIClient = connect()
    try:
        client.remove_image(image.tag or image.id)
    except ImageNotFound:
        return True
    except APIError:
        return False
    return True
