"""Environments built for real: fetched from a package index, built in a sandbox, used in another."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandboxes.bubblewrap_sandbox import BubblewrapBackend
from sandboxes.docker_sandbox import DockerBackend
from sandboxes.environments import Environments
from sandboxes.errors import EnvironmentBroken
from sandboxes.owner import new_name
from sandboxes.process_sandbox import ProcessBackend
from tests.sandboxes.workshop import (
    BUILD,
    SAMPLE,
    SAMPLE_BUILD,
    SETUPTOOLS,
    Workshop,
    shared_state,
    spec,
    tar,
)


@pytest.fixture(scope="session")
def state(state_dir: Path, base_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shared_state(state_dir, tmp_path_factory.mktemp("environments"))


@pytest.fixture(scope="session")
def workshop(state: Path) -> Workshop:
    return Workshop(state, BubblewrapBackend())


def test_a_repository_without_manifests_gets_pytest_and_nothing_else(workshop: Workshop) -> None:
    built = workshop.build(spec(requirements=("pytest",)), {})
    files = {
        "thing.py": "def f(): return 2\n",
        "test_thing.py": "import thing\ndef test(): assert thing.f() == 2\n",
    }
    result = workshop.run(built, files, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "1 passed" in result.stdout.text
    assert workshop.python(built, {}, "import sys; print(sys.prefix)") == "/opt/env"


def test_equal_inputs_are_built_once_and_other_inputs_anew(workshop: Workshop) -> None:
    wanted = spec(trust="once")
    assert not workshop.environments.is_built(wanted)
    first, second = workshop.build(wanted, {}), workshop.build(wanted, {})
    assert (first.cached, second.cached) == (False, True)
    assert workshop.environments.is_built(wanted)
    assert not workshop.environments.is_built(spec(trust="once", system=("no-such-package",)))
    assert (first.key, first.mounts) == (second.key, second.mounts)
    assert workshop.build(spec(trust="once", notes=("other words",)), {}).cached
    assert not workshop.build(spec(trust="once", inputs=(("setup.py", "abc"),)), {}).cached


def test_repositories_share_no_environment(workshop: Workshop) -> None:
    ours, theirs = workshop.build(spec(trust="ours"), {}), workshop.build(spec(trust="theirs"), {})
    assert not theirs.cached
    assert ours.mounts[0].source != theirs.mounts[0].source


def test_the_project_is_imported_from_the_tree_that_is_in_the_sandbox(workshop: Workshop) -> None:
    built = workshop.build(spec(project=True, build_requires=SAMPLE_BUILD, modules=("sample",)), SAMPLE)
    changed = {**SAMPLE, "src/sample/__init__.py": "VALUE = 2\n"}
    program = "import sample; print(sample.__file__, sample.VALUE)"
    assert workshop.python(built, changed, program) == "/workspace/src/sample/__init__.py 2"


def test_generated_files_never_replace_a_file_of_the_tree(workshop: Workshop) -> None:
    setup = ("echo generated > src/made.txt", "mkdir -p deep/er && echo generated > deep/er/made.txt")
    built = workshop.build(spec(setup=setup), SAMPLE)
    files = {**SAMPLE, "src/made.txt": "the tree's own\n"}
    result = workshop.run(built, files, "cat", "src/made.txt", "deep/er/made.txt")
    assert result.stdout.text == "the tree's own\ngenerated\n"


def test_an_environment_cannot_be_changed_by_what_runs_in_it(workshop: Workshop) -> None:
    built = workshop.build(spec(), {})
    assert not workshop.run(built, {}, "sh", "-c", "echo x > /opt/env/bin/python || touch /opt/env/x").ok


@pytest.mark.parametrize(
    ("fields", "sentence", "hint"),
    [
        (
            {"requirements": ("no-such-package-of-ratchet",)},
            "no-such-package-of-ratchet does not exist",
            "name",
        ),
        ({"requirements": ("pytest>9999",)}, "No available version of pytest", "version"),
        ({"python": "3.47"}, "Python 3.47 is not on this machine", "python"),
        ({"python": "3.6"}, "too old", ""),
        pytest.param(
            {"system": ("no-such-debian-package-x",)}, "no Debian package", "system", marks=pytest.mark.long
        ),
        ({"system": ("--allow-unauthenticated",)}, "not the name of a Debian package", "system"),
        ({"setup": ("false",)}, "failed: false", "log"),
        ({"setup": ("frobnicate --all",)}, "frobnicate", "frobnicate is missing"),
    ],
)
def test_what_cannot_be_built_says_why_and_what_to_do(
    workshop: Workshop, fields: dict[str, object], sentence: str, hint: str
) -> None:
    with pytest.raises(EnvironmentBroken) as broken:
        workshop.build(spec(**fields), {})
    assert sentence in broken.value.message
    assert hint in broken.value.hint


def test_a_failure_is_remembered_for_the_run_and_leaves_nothing(state: Path) -> None:
    workshop = Workshop(state, BubblewrapBackend())
    wanted = spec(trust="failing", setup=("echo attempt; exit 3",))
    for _ in range(2):
        with pytest.raises(EnvironmentBroken):
            workshop.build(wanted, {})
    assert workshop.progress.count("creating the environment") == 1
    assert not [path for path in (state / "environments/failing").iterdir() if path.is_dir()]
    assert not list((state / "scratch").iterdir())


def test_a_module_that_comes_from_elsewhere_breaks_the_environment(workshop: Workshop) -> None:
    with pytest.raises(EnvironmentBroken, match="comes from /usr/lib/python"):
        workshop.build(spec(modules=("json",)), {})
    with pytest.raises(EnvironmentBroken, match="is not found"):
        workshop.build(spec(modules=("nowhere",)), {})


def test_an_undeclared_dependency_is_named(workshop: Workshop) -> None:
    files = {**SAMPLE, "src/sample/__init__.py": "import undeclared_thing\n"}
    wanted = spec(trust="undeclared", project=True, build_requires=SAMPLE_BUILD, modules=("sample",))
    with pytest.raises(EnvironmentBroken, match="imports undeclared_thing") as broken:
        workshop.build(wanted, files)
    assert "packages" in broken.value.hint


def test_a_bug_in_the_project_does_not_break_its_environment(workshop: Workshop) -> None:
    files = {**SAMPLE, "src/sample/__init__.py": "def f(:\n"}
    built = workshop.build(
        spec(trust="bug", project=True, build_requires=SAMPLE_BUILD, modules=("sample",)), files
    )
    assert "SyntaxError" in built.log


def test_a_hostile_project_reaches_neither_host_nor_network(workshop: Workshop, tmp_path: Path) -> None:
    setup = f"""
import os, socket
from setuptools import setup
seen = []
for path in ({str(workshop.state)!r}, "/root/.ssh", "/home"):
    seen += [path] if os.path.exists(path) and os.listdir(path) else []
# The sandbox has a /tmp of its own, which may take this one.
os.makedirs({str(tmp_path)!r}, exist_ok=True)
open({str(tmp_path / "planted")!r}, "w").close()
for folder in ("/usr/lib", "/etc", "/opt/ratchet", "/opt/wheels", "/opt/uv"):
    try:
        os.makedirs(folder, exist_ok=True)
        open(folder + "/planted", "w").close()
        seen.append("wrote " + folder)
    except OSError:
        pass
try:
    socket.getaddrinfo("example.org", 80)
    seen.append("network")
except OSError:
    pass
seen.append("uid %d" % os.getuid())
open("src/sample/seen.py", "w").write("SEEN = %r\\n" % (seen,))
setup()
"""
    built = workshop.build(
        spec(trust="hostile", project=True, build_requires=BUILD),
        {**SAMPLE, "pyproject.toml": SETUPTOOLS, "setup.py": setup},
    )
    seen = workshop.python(built, SAMPLE, "import sample.seen; print(sample.seen.SEEN)")
    assert seen == "['uid 65534']"
    assert not list(tmp_path.iterdir())


def test_two_tasks_that_need_the_same_environment_build_it_once(state: Path) -> None:
    workshop = Workshop(state, BubblewrapBackend())
    wanted = spec(trust="together", setup=("sleep 0.5",))
    with ThreadPoolExecutor(2) as pool:
        built = list(pool.map(lambda _: workshop.build(wanted, {}), range(2)))
    assert sorted(environment.cached for environment in built) == [False, True]
    assert workshop.progress.count("creating the environment") == 1


def test_cancelling_ends_the_build_and_it_can_be_tried_again(state: Path) -> None:
    environments, cancel = Environments(state, BubblewrapBackend()), threading.Event()
    wanted = spec(trust="cancelled", setup=("[ -e go ] || sleep 600",))

    def on_progress(line: str) -> None:
        if line.startswith("running"):
            cancel.set()

    with pytest.raises(EnvironmentBroken, match="cancelled"):
        environments.build(wanted, [tar({})], on_progress=on_progress, cancel=cancel)
    assert not environments.build(wanted, [tar({"go": ""})]).cached


def test_builds_work_where_nothing_is_mounted(state: Path) -> None:
    workshop = Workshop(state, ProcessBackend())
    built = workshop.build(spec(project=True, build_requires=SAMPLE_BUILD, modules=("sample",)), SAMPLE)
    changed = {**SAMPLE, "src/sample/__init__.py": "VALUE = 3\n"}
    assert workshop.python(built, changed, "import sample; print(sample.VALUE)") == "3"


def test_docker_builds_and_uses_the_same_environments(state: Path, workshop: Workshop) -> None:
    docker = Workshop(state, DockerBackend(state))
    wanted = spec(
        trust="docker", python="3.8", project=True, build_requires=SAMPLE_BUILD, modules=("sample",)
    )
    built = docker.build(wanted, SAMPLE)
    program = "import sample, sys; print(sample.VALUE, sys.version_info[1])"
    assert docker.python(built, SAMPLE, program) == "1 8"
    again = workshop.build(wanted, SAMPLE)
    assert (again.cached, again.key) == (True, built.key)
    assert workshop.python(again, SAMPLE, program) == "1 8"


def test_disk_use_is_told_and_freed(tmp_path: Path, state: Path) -> None:
    (tmp_path / "roots").symlink_to(state / "roots")
    environments = Environments(tmp_path, BubblewrapBackend())
    built = environments.build(spec(trust="usage"), [tar({})])
    (usage,) = environments.usage()
    assert (usage.key, usage.trust) == (built.key, "usage")
    assert usage.bytes > 1000
    environments.remove(built.key)
    assert environments.usage() == ()
    assert not environments.build(spec(trust="usage"), [tar({})]).cached
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_a_killed_build_left_is_cleared_by_the_next(workshop: Workshop) -> None:
    # A process id beyond what the kernel gives out.
    left = workshop.state / "scratch" / new_name().replace(f"-{os.getpid()}-", "-4194305-")
    (left / "wheels").mkdir(parents=True)
    workshop.build(spec(trust="after-a-kill"), {})
    assert not left.exists()


def test_only_a_key_names_what_is_removed(workshop: Workshop) -> None:
    built = workshop.build(spec(trust="kept"), {})
    for key in ("", "*", "..", "../kept"):
        workshop.environments.remove(key)
    assert built.key in {usage.key for usage in workshop.environments.usage()}
