"""A root directory becomes an image once, whatever lies in it."""

import contextlib
import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandboxes.docker_engine import connect
from sandboxes.docker_images import REPOSITORY, STAMP, root_image, root_key
from sandboxes.docker_sandbox import DockerBackend
from sandboxes.errors import SandboxError
from sandboxes.host_root import on_host_root
from sandboxes.sandbox import MIB, Command, Limits, SandboxSpec

LIMITS = Limits(memory=128 * MIB, pids=40, workspace=8 * MIB, tmp=8 * MIB, inodes=400)


@pytest.fixture
def client():
    with contextlib.closing(connect()) as client:
        yield client


@pytest.fixture
def root(tmp_path, client):
    folder = tmp_path / "root"
    folder.mkdir()
    key = f"test-{uuid.uuid4().hex}"
    (folder / STAMP).write_text(f"{key}\n")
    yield folder
    for image in client.images(f"{REPOSITORY}:{key}"):
        client.remove_image(image["Id"], force=True)


def test_two_that_need_a_root_at_once_import_it_once(root, client, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        ids = list(pool.map(lambda _: root_image(client, root, tmp_path), range(2)))
    assert ids[0] == ids[1]
    assert ids[0].startswith("sha256:")


def test_a_root_of_the_same_key_is_not_imported_again(root, client, tmp_path):
    first = root_image(client, root, tmp_path)
    (root / "new").write_text("not in the image")
    assert root_image(client, root, tmp_path) == first


def test_another_key_is_another_image(root, client, tmp_path):
    first = root_image(client, root, tmp_path)
    (root / STAMP).write_text(f"test-{uuid.uuid4().hex}")
    second = root_image(client, root, tmp_path)
    client.remove_image(second)
    assert second != first


def test_modes_links_and_odd_names_survive_and_devices_stay_out(tmp_path, client):
    spec = on_host_root(SandboxSpec(root=None, limits=LIMITS), tmp_path / "roots")
    folder = spec.root
    key = f"test-{uuid.uuid4().hex}"
    (folder / STAMP).write_text(key)
    (folder / "opt/programme é\n").write_text("x")
    (folder / "opt/run").write_text("#!/bin/sh\necho ran\n")
    (folder / "opt/run").chmod(0o755)
    (folder / "opt/link").symlink_to("run")
    os.mkfifo(folder / "opt/fifo")
    (folder / "dev/planted").write_text("x")
    (folder / "proc/planted").write_text("x")
    with contextlib.closing(DockerBackend(tmp_path / "state").open(spec)) as sandbox:
        shown = sandbox.run(Command(("sh", "-c", "/opt/link; ls /opt /dev /proc; stat -c %a /tmp"), cwd="/"))
    client.remove_image(f"{REPOSITORY}:{key}")
    lines = shown.stdout.text.splitlines()
    assert lines[0] == "ran"
    assert "programme é" in lines
    assert not {"fifo", "planted"} & set(lines)
    assert lines[-1] == "1777"


def test_a_key_that_is_no_image_tag_is_hashed(tmp_path):
    (tmp_path / STAMP).write_text("a key / with: everything")
    assert root_key(tmp_path).isalnum()


def test_a_root_without_a_stamp_is_known_by_its_files(tmp_path):
    (tmp_path / "file").write_text("one")
    first = root_key(tmp_path)
    assert root_key(tmp_path) == first
    (tmp_path / "file").write_text("three")
    assert root_key(tmp_path) != first


def test_a_root_whose_stamp_is_empty_is_never_imported(root, client, tmp_path):
    (root / STAMP).write_text("")
    with pytest.raises(SandboxError, match="not complete"):
        root_image(client, root, tmp_path)


def test_the_hosts_root_is_made_once_however_many_ask(tmp_path):
    spec = SandboxSpec(root=None)
    with ThreadPoolExecutor(8) as pool:
        roots = set(pool.map(lambda _: on_host_root(spec, tmp_path).root, range(32)))
    (root,) = roots
    assert (root / STAMP).read_text() == root.name
    assert list(tmp_path.iterdir()) == [root]


def test_a_root_that_cannot_be_read_is_one_clear_error(client, tmp_path):
    with pytest.raises(SandboxError, match="Cannot read"):
        root_image(client, tmp_path / "none", tmp_path)
