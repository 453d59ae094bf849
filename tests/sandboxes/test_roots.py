"""Roots, the distribution behind them, borrowed interpreters, and the indexes packages come from."""

import subprocess
import threading
from pathlib import Path

import pytest

from sandboxes.distribution import host_distribution
from sandboxes.errors import EnvironmentBroken
from sandboxes.fetch.indexes import authorization, redacted, uv_environment
from sandboxes.interpreters import borrowable, find, minor
from sandboxes.locks import exclusive
from sandboxes.roots import STAMP, remove_root, root_python, root_usage
from sandboxes.roots import base_root as build_base_root

OS_RELEASE = 'ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian"\n'


def etc(folder: Path, files: dict[str, str]) -> Path:
    for name, text in {"os-release": OS_RELEASE, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_root_is_whole_clean_and_found_again_at_once(state_dir: Path, base_root: Path) -> None:
    said: list[str] = []
    assert build_base_root(state_dir, on_progress=said.append) == base_root
    assert said == []
    assert (base_root / STAMP).read_text() == base_root.name
    assert root_python(base_root).startswith("3.")
    assert (base_root / "usr/bin/python3").exists()
    for emptied in ("var/cache/apt", "var/lib/apt/lists", "tmp"):
        assert list((base_root / emptied).iterdir()) == []
    assert not (base_root / "etc/resolv.conf").exists()
    assert base_root.name in {usage.key for usage in root_usage(state_dir)}


def test_a_half_built_root_is_no_root_and_removal_takes_it_whole(tmp_path: Path) -> None:
    for name, stamped in (("whole", True), ("half", False)):
        (tmp_path / "roots" / name / "usr").mkdir(parents=True)
        (tmp_path / "roots" / name / "usr/file").write_bytes(b"x" * 5000)
        if stamped:
            (tmp_path / "roots" / name / STAMP).write_text(name)
    (usage,) = root_usage(tmp_path)
    assert (usage.key, usage.bytes > 4000) == ("whole", True)
    remove_root(tmp_path, "../roots/whole")
    assert root_usage(tmp_path) == ()
    assert not (tmp_path / "roots/whole").exists()


def test_names_that_are_no_packages_never_reach_apt(tmp_path: Path) -> None:
    for name in ("-o=x", "a b", "../x", "", "A"):
        with pytest.raises(EnvironmentBroken, match="not the name of a Debian package"):
            build_base_root(tmp_path, packages=(name,), on_progress=print)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "files",
    [
        {
            "apt/sources.list": "# old\ndeb [arch=amd64] http://mirror.test/debian bookworm main contrib\n"
            "deb-src http://mirror.test/debian bookworm main\ndeb http://vendor.test/apt bookworm main\n"
        },
        {
            "apt/sources.list.d/debian.sources": "Types: deb deb-src\nURIs: http://mirror.test/debian\n"
            "Suites: bookworm bookworm-updates\nComponents: main contrib\n\n"
            "Types: deb\nEnabled: no\nURIs: http://off.test/debian\nSuites: bookworm\nComponents: main\n"
        },
    ],
)
def test_the_mirror_is_the_one_the_host_uses(tmp_path: Path, files: dict[str, str]) -> None:
    found = host_distribution(etc(tmp_path, files))
    assert found is not None
    assert (found.mirror, found.components) == ("http://mirror.test/debian", ("main", "contrib"))
    assert not [line for line in found.lines if "vendor.test" in line or "off.test" in line]


def test_a_host_of_another_kind_has_no_root(tmp_path: Path) -> None:
    assert host_distribution(etc(tmp_path / "a", {"os-release": "ID=arch\n"})) is None
    assert host_distribution(etc(tmp_path / "b", {})) is None
    assert host_distribution(tmp_path / "nowhere") is None


def test_borrowed_interpreters_are_what_they_say() -> None:
    for version in borrowable()[:2]:
        interpreter = find(version)
        assert interpreter is not None
        assert minor(interpreter.version) == version
        program = str(interpreter.prefix / interpreter.executable)
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        assert said.stdout.split()[1] == interpreter.version
    assert find("3.77") is None


def test_a_lock_is_held_by_one_and_waiting_for_it_can_be_cancelled(tmp_path: Path) -> None:
    waits: list[str] = []
    with exclusive(tmp_path / "lock", on_wait=print):
        cancelled = threading.Event()
        cancelled.set()
        with (
            pytest.raises(EnvironmentBroken, match="cancelled"),
            exclusive(tmp_path / "lock", on_wait=lambda: waits.append("waits"), cancel=cancelled),
        ):
            pass
    assert waits == ["waits"]


def test_pip_settings_reach_uv_and_nothing_else_of_the_host_does(tmp_path: Path) -> None:
    (tmp_path / ".config/pip").mkdir(parents=True)
    (tmp_path / ".config/pip/pip.conf").write_text(
        "[global]\nextra-index-url = https://user:pw@a.test/simple\n  https://b.test/simple\n[install]\n"
        "find-links = /wheels\ntrusted-host = a.test\n"
    )
    host = {
        "HOME": str(tmp_path),
        "PATH": "/bin",
        "PIP_INDEX_URL": "https://c.test/simple",
        "AWS_SECRET": "x",
    }
    found = uv_environment(host)
    assert found["UV_DEFAULT_INDEX"] == "https://c.test/simple"
    assert found["UV_EXTRA_INDEX_URL"] == "https://user:pw@a.test/simple https://b.test/simple"
    assert (found["UV_FIND_LINKS"], found["UV_INSECURE_HOST"]) == ("/wheels", "a.test")
    assert found["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert "AWS_SECRET" not in found


def test_indexes_chosen_for_uv_are_left_as_they_are(tmp_path: Path) -> None:
    host = {
        "HOME": str(tmp_path),
        "UV_INDEX_URL": "https://d.test/simple",
        "PIP_INDEX_URL": "https://c.test/s",
    }
    found = uv_environment(host)
    assert "UV_DEFAULT_INDEX" not in found
    assert found["UV_INDEX_URL"] == "https://d.test/simple"


def test_credentials_go_to_their_own_host_only(tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine n.test login me password you\n")
    netrc.chmod(0o600)
    settings = {"HOME": str(tmp_path), "UV_EXTRA_INDEX_URL": "https://user:p%40w@a.test:8443/simple"}
    assert authorization("https://a.test:8443/files/x.whl", settings) == "Basic dXNlcjpwQHc="
    for other in ("https://a.test/x", "http://a.test:8443/x", "https://b.test:8443/x"):
        assert authorization(other, settings) is None
    assert authorization("https://n.test/x", settings) == "Basic bWU6eW91"
    assert (
        redacted("see https://user:pw@a.test/x and http://b.test")
        == "see https://***@a.test/x and http://b.test"
    )
