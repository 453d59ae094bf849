"""What the engine is and cannot do is said, each time with what to do about it."""

import contextlib
import dataclasses

import pytest

from sandboxes.docker_engine import Engine, connect, describe, engine_errors, missing_limits
from sandboxes.docker_probe import has_runc_holes, probe, summary
from sandboxes.docker_sandbox import DockerBackend
from sandboxes.errors import SandboxError, SandboxUnavailable
from sandboxes.sandbox import SandboxKind


@pytest.fixture(scope="module")
def engine() -> Engine:
    with contextlib.closing(connect()) as client:
        return describe(client)


def test_a_real_engine_works_and_is_described(tmp_path, engine):
    found = DockerBackend(tmp_path).probe()
    assert (found.kind, found.available) == (SandboxKind.DOCKER, True)
    assert found.detail == summary(engine)
    for word in (engine.version, f"cgroup v{engine.cgroup}", engine.storage, "runc"):
        assert word in found.detail
    assert bool(found.remedy) == bool(found.missing_limits)


@pytest.mark.parametrize(
    ("version", "holes"),
    [
        ("1.1.5+ds1", True),
        ("1.2.7", True),
        ("1.2.8", False),
        ("1.3.2", True),
        ("1.3.3", False),
        ("1.4.0-rc.3", False),
        ("1.0.0-rc95", True),
        ("2.0.0", False),
        ("", False),
        ("unknown", False),
    ],
)
def test_runc_is_judged_by_its_series(version, holes):
    assert has_runc_holes(version) is holes


def test_a_runc_with_holes_is_a_warning_that_says_what_to_do(engine, tmp_path):
    backend = DockerBackend(tmp_path)
    old = probe(lambda: dataclasses.replace(engine, runc="1.1.5"), backend.open)
    new = probe(lambda: dataclasses.replace(engine, runc="1.3.3"), backend.open)
    assert old.available and "update it" in old.warnings[0]
    assert new.warnings == ()


ABLE = {
    "MemoryLimit": True,
    "SwapLimit": True,
    "PidsLimit": True,
    "CpuCfsQuota": True,
    "SecurityOptions": ["name=seccomp,profile=default"],
}


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({}, ()),
        ({"SwapLimit": False}, ("swap",)),
        ({"PidsLimit": False, "CpuCfsQuota": False}, ("pids", "cpus")),
        ({"SecurityOptions": []}, ("seccomp",)),
        ({"SecurityOptions": None}, ("seccomp",)),
        ({"SecurityOptions": ["name=seccomp,profile=unconfined"]}, ("seccomp",)),
        ({"SecurityOptions": ["name=seccomp,profile=builtin", "name=cgroupns"]}, ()),
    ],
)
def test_limits_that_the_engine_cannot_keep_are_named(said, missing):
    assert missing_limits({**ABLE, **said}) == missing


@pytest.mark.parametrize(("rootless", "advice"), [(False, "swapaccount=1"), (True, "Delegate=")])
def test_missing_limits_come_with_a_remedy(engine, tmp_path, rootless, advice):
    backend = DockerBackend(tmp_path)
    weak = dataclasses.replace(engine, missing_limits=("swap",), rootless=rootless)
    found = probe(lambda: weak, backend.open)
    assert found.missing_limits == ("swap",)
    assert advice in found.remedy


def test_without_an_engine_the_probe_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    found = DockerBackend(tmp_path).probe()
    assert not found.available
    assert "does not answer" in found.detail and "DOCKER_HOST" in found.remedy


def test_a_socket_that_is_closed_to_us_is_told_from_an_engine_that_is_down():
    with pytest.raises(SandboxUnavailable) as unavailable, engine_errors("answer"):
        raise PermissionError(13, "Permission denied")
    assert "group" in unavailable.value.hint


def test_a_sandbox_that_cannot_be_opened_makes_docker_unavailable(engine):
    def refuse(_spec):
        raise SandboxError("Docker could not start a container: no", hint="Do this.")

    found = probe(lambda: engine, refuse)
    assert (found.available, found.remedy) == (False, "Do this.")
    assert "no" in found.detail
