"""The backend that runs untrusted code is picked by trying, and never is none."""

import pytest

from sandboxes.choose import all_backends, choose
from sandboxes.errors import SandboxUnavailable
from sandboxes.sandbox import SandboxKind


def test_auto_takes_an_isolating_backend_that_works(tmp_path):
    backend, probe = choose("auto", tmp_path)
    assert backend.kind is probe.kind is not SandboxKind.PROCESS
    assert probe.available


@pytest.mark.parametrize("kind", list(SandboxKind))
def test_a_backend_can_be_asked_for_by_name(kind, tmp_path):
    backend, probe = choose(kind.value, tmp_path)
    assert backend.kind is probe.kind is kind


def test_backends_come_strongest_first(tmp_path):
    assert [backend.kind for backend in all_backends(tmp_path)] == list(SandboxKind)


def test_without_any_that_isolates_auto_refuses_rather_than_run_on_the_host(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(SandboxUnavailable) as refused:
        choose("auto", tmp_path)
    assert "docker" in refused.value.message
    assert "bubblewrap" in refused.value.message
    assert refused.value.hint


def test_a_kind_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(SandboxUnavailable):
        choose("chroot", tmp_path)
