"""The doctor looks at everything a sandbox needs, and every complaint has a remedy."""

import pytest

from sandboxes.doctor import Level, disk_finding, examine, git_finding, has_git_holes, probe_findings
from sandboxes.sandbox import Probe, SandboxKind


def test_this_machine_is_examined_and_every_complaint_has_a_remedy(tmp_path):
    findings = examine(tmp_path / "state")
    assert {"docker", "bubblewrap", "process", "sandbox", "git", "kernel", "disk"} <= {
        f.name for f in findings
    }
    assert [f for f in findings if f.level is not Level.OK and not f.remedy] == []
    assert all(f.detail for f in findings)
    assert next(f for f in findings if f.name == "sandbox").level is Level.OK


def test_no_sandbox_at_all_is_a_failure(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {f.name: f for f in examine(tmp_path)}
    assert found["sandbox"].level is Level.FAIL and "install" in found["sandbox"].remedy.lower()
    assert found["git"].level is Level.FAIL and found["git"].remedy


@pytest.mark.parametrize(
    ("version", "holes"),
    [
        ("2.39.5", True),
        ("2.43.6", True),
        ("2.43.7", False),
        ("2.45.4", False),
        ("2.50.0", True),
        ("2.50.1", False),
        ("2.51.0", False),
        ("2.50.1 (Apple Git-155)", False),
        ("2.49.1.windows.1", False),
        ("1.9.1", True),
        ("3.0.0", False),
        ("", True),
    ],
)
def test_git_is_judged_by_its_series(version, holes):
    assert has_git_holes(version) is holes


def test_git_is_found_with_its_version():
    finding = git_finding()
    assert finding.detail.startswith("git 2.")


def test_a_probe_becomes_a_finding_for_each_thing_it_says():
    probe = Probe(
        SandboxKind.DOCKER, True, "works", "do that", ("swap", "pids"), ("runc is old: update it.",)
    )
    found = [(f.name, f.level, f.detail, f.remedy) for f in probe_findings(probe)]
    assert found == [
        ("docker", Level.OK, "works", ""),
        ("docker limits", Level.WARN, "Not enforced: swap, pids.", "do that"),
        ("docker version", Level.WARN, "runc is old.", "Update it."),
    ]


def test_a_backend_that_does_not_work_is_one_warning():
    probe = Probe(SandboxKind.BUBBLEWRAP, False, "no bwrap", "install it")
    (finding,) = probe_findings(probe)
    assert (finding.level, finding.detail, finding.remedy) == (Level.WARN, "no bwrap", "install it")


def test_the_disk_is_measured_where_the_state_will_be(tmp_path):
    finding = disk_finding(tmp_path / "not/made/yet")
    assert "GiB free" in finding.detail
    assert not (tmp_path / "not").exists()
