"""A container's life: attached, started, removed, and reaped when its owner is gone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import docker
from docker.errors import APIError, NotFound

from sandboxes.docker_engine import engine_errors
from sandboxes.docker_owner import Owner
from sandboxes.docker_profile import OWNER_LABEL
from sandboxes.docker_transport import DockerTransport

_ATTACH = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
_REMOVAL_SECONDS = 10.0


def start(client: docker.APIClient, container: str) -> DockerTransport:
    """Attach to a created container, then start it, so that none of its output is missed."""
    with engine_errors("attach to a container"):
        stream = client.attach_socket(container, params=_ATTACH)
    # The SDK wraps some sockets in a file that cannot be half-closed.
    connection = getattr(stream, "_sock", stream)
    connection.settimeout(None)
    transport = DockerTransport(connection, lambda: remove(client, container), stream)
    try:
        with engine_errors("start a container"):
            client.start(container)
    except BaseException:
        transport.close()
        raise
    return transport


@contextmanager
def removed_on_failure(client: docker.APIClient, container: str) -> Iterator[None]:
    """Remove the container when the block fails for whatever reason, an interrupt included."""
    try:
        yield
    except BaseException:
        remove(client, container)
        raise


def remove(client: docker.APIClient, container: str) -> None:
    """Kill and remove a container and wait until it is gone; safe to call again, never raises.

    What an engine in trouble leaves behind is found by `reap`, through its label.
    """
    deadline = time.monotonic() + _REMOVAL_SECONDS
    while time.monotonic() < deadline:
        try:
            client.remove_container(container, force=True, v=True)
        except NotFound:
            return
        except APIError:
            # Its own auto-removal is under way: ask again until the engine no longer knows it.
            time.sleep(0.02)
        except OSError:
            return
        else:
            return


def reap(client: docker.APIClient, *, engine_is_local: bool) -> int:
    """Remove the containers whose owner process is certainly gone; returns how many."""
    with engine_errors("list containers"):
        found = client.containers(all=True, filters={"label": OWNER_LABEL})
    gone = [each["Id"] for each in found if _is_gone(each["Labels"][OWNER_LABEL], engine_is_local)]
    for container in gone:
        remove(client, container)
    return len(gone)


def _is_gone(label: str, engine_is_local: bool) -> bool:
    owner = Owner.parse(label)
    return owner is not None and owner.is_gone(engine_is_local=engine_is_local)
