"""Containers end with their sandbox, their owner or the engine, and nothing of them stays."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandboxes.docker_engine import connect
from sandboxes.docker_owner import Owner
from sandboxes.docker_sandbox import DockerBackend
from sandboxes.errors import SandboxError, SandboxLost, SandboxUnavailable
from sandboxes.host_root import on_host_root
from sandboxes.sandbox import MIB, Command, Ending, Limits, Mount, SandboxSpec

LIMITS = Limits(memory=128 * MIB, pids=40, cpus=2.0, workspace=16 * MIB, tmp=8 * MIB, inodes=400)
HOLDER = """
import sys, threading
from pathlib import Path
from sandboxes.docker_sandbox import DockerBackend
from sandboxes.sandbox import Command, Limits, SandboxSpec
sandbox = DockerBackend(Path(sys.argv[1])).open(SandboxSpec(root=None, task=sys.argv[2]))
sandbox.run(Command(("sh", "-c", "echo running; exec sleep 3600"), cwd="/", seconds=3600),
            on_output=lambda data: print("running", flush=True))
"""


@pytest.fixture
def client():
    with contextlib.closing(connect()) as client:
        yield client


@pytest.fixture
def backend(tmp_path):
    return DockerBackend(tmp_path)


@pytest.fixture
def spec():
    return SandboxSpec(root=None, limits=LIMITS, task=str(uuid.uuid4()))


@pytest.fixture
def sandbox(backend, spec):
    with contextlib.closing(backend.open(spec)) as opened:
        yield opened


def containers(client, spec):
    return [one["Id"] for one in client.containers(all=True, filters={"label": f"ratchet.task={spec.task}"})]


def until(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def python(code, **options):
    return Command(("python3", "-I", "-c", code), **options)


def test_a_closed_sandbox_leaves_no_container(backend, spec, client):
    sandbox = backend.open(spec)
    assert len(containers(client, spec)) == 1
    sandbox.close()
    assert containers(client, spec) == []
    sandbox.close()


def test_a_sandbox_can_be_closed_by_another_thread_while_it_runs(backend, spec, client):
    sandbox = backend.open(spec)
    started = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(
            sandbox.run, Command(("sh", "-c", "echo; sleep 600"), cwd="/"), on_output=lambda _: started.set()
        )
        assert started.wait(20)
        sandbox.close()
        assert running.result(timeout=20).ending is Ending.LOST
    assert containers(client, spec) == []


def test_many_sandboxes_open_at_once(backend, spec, client):
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(backend.open, [spec] * 4))
        assert len(set(containers(client, spec))) == 4
        results = list(pool.map(lambda one: one.run(Command(("sh", "-c", "hostname"), cwd="/")), opened))
        list(pool.map(lambda one: one.close(), opened))
    assert [result.stdout.text for result in results] == ["sandbox\n"] * 4
    assert containers(client, spec) == []


def test_a_killed_owner_takes_its_container_along(spec, client, tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), spec.task],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with holder:
        assert holder.stdout.readline() == b"running\n"
        assert len(containers(client, spec)) == 1
        os.killpg(holder.pid, signal.SIGKILL)
    assert until(lambda: containers(client, spec) == [])


def dead_owner():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = Owner.of_process(process.pid)
    process.communicate()
    return str(owner)


def test_the_next_start_removes_what_a_dead_owner_left(spec, client, tmp_path):
    abandoned = DockerBackend(tmp_path, dead_owner()).open(spec)
    assert len(containers(client, spec)) == 1
    ours = DockerBackend(tmp_path)
    kept = dataclasses.replace(spec, task=str(uuid.uuid4()))
    with contextlib.closing(ours.open(kept)):
        assert containers(client, spec) == []
        assert ours.reap() == 0
        assert len(containers(client, kept)) == 1
    abandoned.close()


def test_a_container_that_was_never_started_is_reaped_too(backend, spec, client):
    with contextlib.closing(backend.open(spec)) as sandbox:
        image = sandbox.in_force.image
    labels = {"ratchet.owner": dead_owner(), "ratchet.task": spec.task}
    client.create_container(image, ["true"], labels=labels)
    assert backend.reap() == 1
    assert containers(client, spec) == []


def test_the_containers_of_others_are_never_touched(backend, spec, client):
    with contextlib.closing(backend.open(spec)) as sandbox:
        image = sandbox.in_force.image
    for labels in ({}, {"ratchet.owner": "somebody"}):
        other = client.create_container(image, ["true"], labels={**labels, "ratchet.task": spec.task})["Id"]
        assert backend.reap() == 0
        assert containers(client, spec) == [other]
        client.remove_container(other)


def test_a_container_killed_between_commands_is_lost(sandbox, spec, client):
    client.kill(containers(client, spec)[0])
    assert sandbox.run(Command(("true",), cwd="/")).ending is Ending.LOST


def test_a_container_killed_under_a_command_is_lost(sandbox, spec, client):
    (container,) = containers(client, spec)
    result = sandbox.run(
        Command(("sh", "-c", "echo; sleep 600"), cwd="/"), on_output=lambda _: client.kill(container)
    )
    assert result.ending is Ending.LOST
    with pytest.raises(SandboxLost):
        sandbox.put({"file": b"x"})


@pytest.mark.parametrize(
    ("code", "ending"),
    [
        ("x = b'a' * (300 << 20)", Ending.OUT_OF_MEMORY),
        ("import os\nwhile True: os.fork() or os.execlp('sleep', 'sleep', '60')", Ending.PIDS),
        ("f = open('/workspace/f', 'wb')\nwhile f.write(b'a' * 65536): f.flush()", Ending.DISK),
        ("for n in range(10**6): open('/workspace/%d' % n, 'x').close()", Ending.DISK),
        ("import os\nwhile True: os.write(1, b'y' * 65536)", Ending.OUTPUT),
    ],
)
def test_a_limit_that_was_hit_is_named_from_the_kernels_own_counts(sandbox, code, ending):
    command = python(code, seconds=20.0, max_output=4 * MIB)
    assert sandbox.run(command).ending is ending
    sandbox.run(Command(("sh", "-c", "rm -rf /workspace/*"), cwd="/"))
    assert sandbox.run(python("print('still here')")).stdout.text == "still here\n"


def test_code_inside_cannot_end_the_worker(sandbox):
    kill = "import os, signal\nfor n in signal.valid_signals():\n  os.kill(1, n)\nprint('sent')"
    assert sandbox.run(python(kill)).stdout.text == "sent\n"
    assert sandbox.run(Command(("true",), cwd="/")).ok


def test_a_private_umask_does_not_shut_the_code_inside_out(spec, client, tmp_path):
    before = os.umask(0o077)
    try:
        rooted = on_host_root(spec, tmp_path / "roots")
        (rooted.root / ".ratchet-root").write_text(f"test-{spec.task}")
        with contextlib.closing(DockerBackend(tmp_path / "state").open(rooted)) as sandbox:
            result = sandbox.run(python("import pwd; print(pwd.getpwuid(65534).pw_name)"))
    finally:
        os.umask(before)
    client.remove_image(f"ratchet-root:test-{spec.task}")
    assert result.stdout.text == "nobody\n"


def test_an_engine_that_is_not_there_is_said_with_a_hint(monkeypatch, tmp_path, spec):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    backend = DockerBackend(tmp_path)
    with pytest.raises(SandboxUnavailable) as unavailable:
        backend.open(spec)
    assert "does not answer" in unavailable.value.message
    assert "DOCKER_HOST" in unavailable.value.hint
    assert not backend.probe().available


def test_a_mount_that_does_not_exist_is_refused_and_leaves_nothing(backend, spec, client, tmp_path):
    broken = dataclasses.replace(spec, mounts=(Mount(tmp_path / "none", "/none"),))
    with pytest.raises(SandboxError, match="bind source path does not exist"):
        backend.open(broken)
    assert containers(client, spec) == []


def test_a_root_without_the_interpreter_is_refused_and_leaves_nothing(backend, spec, client, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / ".ratchet-root").write_text(f"test-{spec.task}")
    with pytest.raises(SandboxError, match="python3"):
        backend.open(dataclasses.replace(spec, root=root))
    assert containers(client, spec) == []
    client.remove_image(f"ratchet-root:test-{spec.task}")


def test_a_worker_that_does_not_start_says_why(backend, spec, client):
    with pytest.raises(SandboxLost) as silent:
        backend.open(dataclasses.replace(spec, python="/bin/ls"))
    assert "unrecognized option" in silent.value.log or "invalid option" in silent.value.log
    assert containers(client, spec) == []


def test_an_engine_without_a_network_is_a_sandbox_error(backend, spec, client):
    networks = [one["Name"] for one in client.networks()]
    online = dataclasses.replace(spec, network=True)
    if "bridge" in networks:
        with contextlib.closing(backend.open(online)) as sandbox:
            assert sandbox.in_force.network == "bridge"
    else:
        with pytest.raises(SandboxError, match="network"):
            backend.open(online)
    assert containers(client, spec) == []
