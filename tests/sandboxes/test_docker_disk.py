"""Our images in a real engine are listed and removed; those of others are not seen."""

import contextlib
import uuid
from pathlib import Path

import docker
import pytest

from sandboxes.docker_disk import StoredImage, remove_image, stored_images
from sandboxes.docker_engine import connect
from sandboxes.docker_images import REPOSITORY, STAMP, root_image


@pytest.fixture
def image(tmp_path: Path):
    """A tiny image of ours; the name is removed whatever the test did with it."""
    root, key = tmp_path / "root", uuid.uuid4().hex
    root.mkdir()
    (root / STAMP).write_text(key)
    with contextlib.closing(connect()) as client:
        root_image(client, root, tmp_path / "state")
        yield next(one for one in stored_images() if one.tag == f"{REPOSITORY}:{key}")
        with contextlib.suppress(docker.errors.ImageNotFound):
            client.remove_image(f"{REPOSITORY}:{key}")


def test_an_imported_root_is_listed_until_it_is_removed(image: StoredImage) -> None:
    assert remove_image(image)
    assert image not in stored_images()


def test_removing_what_is_gone_already_is_fine(image: StoredImage) -> None:
    assert remove_image(image)
    assert remove_image(image)


def test_without_an_engine_there_is_nothing_to_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert stored_images() == ()
