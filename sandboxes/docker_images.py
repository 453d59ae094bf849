"""The images sandboxes start from: imported root directories, or a stock Python image."""

import hashlib
import os
import queue
import re
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import docker
from docker.errors import APIError, ImageNotFound

from sandboxes.docker_engine import engine_errors
from sandboxes.errors import SandboxError, SandboxUnavailable
from sandboxes.locks import exclusive

REPOSITORY = "ratchet-root"
STAMP = ".ratchet-root"
"""File in a root directory whose text is the key of its content."""
STOCK_PYTHON = "/usr/local/bin/python3"
_STOCK = "python:3.12-slim"
_STOCK_TAG = re.compile(r"^(?:.*/)?python:3\.(\d+)-slim\b")
_EMPTY = ("dev", "proc", "sys")
"""Filled by the engine; what a host shows there must not get into an image."""
_CHUNK = 1024 * 1024
_REGISTRY_SECONDS = 8.0
_PULL_SECONDS = 300.0


def root_image(client: docker.APIClient, root: Path, state: Path) -> str:
    """Return the image id of a root directory, importing it the first time; raises SandboxError."""
    tag = root_key(root)
    # Two tasks that start together would otherwise both import a few hundred megabytes.
    with exclusive(state / "docker-import.lock", on_wait=lambda: None):
        found = _image_id(client, f"{REPOSITORY}:{tag}")
        if found:
            return found
        with engine_errors(f"import {root}"):
            client.import_image(src=_Stream(_tar(root)), repository=REPOSITORY, tag=tag, stream_src=True)
        found = _image_id(client, f"{REPOSITORY}:{tag}")
    if not found:
        raise SandboxError(f"Docker took {root} but made no image of it.", hint="Look at the engine's log.")
    return found


def root_key(root: Path) -> str:
    """Return the key of a root directory's content, fit for an image tag."""
    stamp = root / STAMP
    try:
        said = stamp.read_text().strip()
    except FileNotFoundError:
        said = _walked_key(root)
    except OSError as unreadable:
        raise SandboxError(f"Cannot read {stamp}: {unreadable.strerror}.") from unreadable
    if not said:
        raise SandboxError(f"{stamp} is empty: the root file system is not complete.", hint="Remove it.")
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", said):
        return said
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def stock_image(client: docker.APIClient) -> str:
    """Return the id of a `python:3.x-slim` image, pulled if a registry answers; raises SandboxUnavailable."""
    with engine_errors("list images"):
        tags = [tag for image in client.images("python") for tag in image.get("RepoTags") or ()]
    stock = [(int(match[1]), tag) for tag in tags if (match := _STOCK_TAG.match(tag))]
    name = max(stock)[1] if stock else _pulled()
    found = _image_id(client, name)
    if not found:
        raise SandboxUnavailable(f"Docker lost the image {name}.")
    return found


def _image_id(client: docker.APIClient, name: str) -> str:
    with engine_errors(f"look up {name}"):
        try:
            # The stubs leave this method untyped.
            return str(client.inspect_image(name)["Id"])  # type: ignore[no-untyped-call]
        except ImageNotFound:
            return ""


def _walked_key(root: Path) -> str:
    digest = hashlib.sha256(str(root.resolve()).encode())
    for folder, names, files in os.walk(root):
        names.sort()
        for name in sorted(files):
            facts = (Path(folder) / name).lstat()
            digest.update(f"{folder}/{name}:{facts.st_size}:{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:32]


class _Stream:
    """An iterator without a length, so that the request is sent in chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks


def _tar(root: Path) -> Iterator[bytes]:
    read, write = os.pipe()
    failed: list[OSError] = []

    def fill() -> None:
        try:
            with os.fdopen(write, "wb") as sink, tarfile.open(fileobj=sink, mode="w|", bufsize=_CHUNK) as tar:
                tar.add(root, arcname=".", filter=_wanted)
        except OSError as error:
            failed.append(error)

    writer = threading.Thread(target=fill, name="ratchet-root-tar", daemon=True)
    writer.start()
    with os.fdopen(read, "rb") as source:
        yield from _chunks(source)
    writer.join()
    if failed:
        raise SandboxError(f"Cannot read {root}: {failed[0]}.") from failed[0]


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


def _wanted(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    parts = Path(member.name).parts
    if len(parts) > 1 and parts[0] in _EMPTY:
        return None
    if member.isdev():
        return None
    if parts == ("tmp",):
        # runc gives a tmpfs the mode of the folder that it covers.
        member.mode = 0o1777
    return member


def _pulled() -> str:
    steps: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_pull, args=(steps,), name="ratchet-pull", daemon=True).start()
    wait = _REGISTRY_SECONDS
    while True:
        try:
            trouble = steps.get(timeout=wait)
        except queue.Empty:
            trouble = f"No answer in {wait:.0f} s."
        if trouble is None:
            return _STOCK
        if trouble:
            raise SandboxUnavailable(
                f"A container needs a root file system: {_STOCK} is not here and cannot be pulled.",
                hint="Install debootstrap, so that Ratchet can make one offline, or load that image.",
                log=trouble,
            )
        wait = _PULL_SECONDS


def _pull(steps: "queue.Queue[str | None]") -> None:
    # Puts one text per step, empty while all is well, and None at the end.
    try:
        client = docker.DockerClient.from_env(version="auto").api
        for step in client.pull(_STOCK, stream=True, decode=True):
            steps.put(str(step.get("error", "")))
    except (APIError, OSError) as failed:
        steps.put(str(failed))
    steps.put(None)
