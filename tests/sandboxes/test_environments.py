"""Environments built for real: fetched from a package index, built in a sandbox, used in another."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandboxes.bubblewrap_sandbox import BubblewrapBackend
from sandboxes.docker_sandbox import DockerBackend
from sandboxes.environment import EnvironmentSpec
from sandboxes.environments import Environments
from sandboxes.errors import EnvironmentBroken
from sandboxes.process_sandbox import ProcessBackend
from sandboxes.roots import COMPILER
from tests.sandboxes.workshop import PASSWORD, Workshop, sdist, serving, tar, wheel

BUILD = ("setuptools", "wheel")
SETUPTOOLS = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "sample"
version = "1.2"
[tool.setuptools.packages.find]
where = ["src"]
"""
FLIT = """
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"
[project]
name = "sample"
version = "1.2"
description = "a sample"
"""
# flit builds in a tenth of setuptools' time, which only those tests pay that are about it.
SAMPLE = {"pyproject.toml": FLIT, "src/sample/__init__.py": "VALUE = 1\n"}
SAMPLE_BUILD = ("flit_core",)


@pytest.fixture(scope="session")
def state(state_dir: Path, base_root: Path, tmp_path_factory) -> Path:
    """A state directory of its own that shares roots and index files, which are slow to come by."""
    folder = tmp_path_factory.mktemp("environments")
    for name in ("roots", "downloads", "tools"):
        (state_dir / name).mkdir(exist_ok=True)
        (folder / name).symlink_to(state_dir / name)
    return folder


@pytest.fixture(scope="session")
def workshop(state: Path) -> Workshop:
    return Workshop(state, BubblewrapBackend())


def spec(**fields: object) -> EnvironmentSpec:
    return EnvironmentSpec(**{"trust": "test", **fields})


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
    first, second = workshop.build(wanted, {}), workshop.build(wanted, {})
    assert (first.cached, second.cached) == (False, True)
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


def test_a_version_from_git_is_pinned_although_there_is_no_git_inside(workshop: Workshop) -> None:
    pyproject = SETUPTOOLS.replace('version = "1.2"', 'dynamic = ["version"]').replace(
        '["setuptools"]', '["setuptools", "setuptools-scm"]'
    )
    files = {
        **SAMPLE,
        "pyproject.toml": pyproject + '[tool.setuptools_scm]\nversion_file = "src/sample/_version.py"\n',
    }
    needs = (*BUILD, "setuptools-scm")
    built = workshop.build(spec(project=True, build_requires=needs, version="3.4.dev0"), files)
    program = "import importlib.metadata, sample._version; print(importlib.metadata.version('sample'))"
    assert workshop.python(built, files, program) == "3.4.dev0"


def test_generated_files_never_replace_a_file_of_the_tree(workshop: Workshop) -> None:
    setup = ("echo generated > src/made.txt", "mkdir -p deep/er && echo generated > deep/er/made.txt")
    built = workshop.build(spec(setup=setup), SAMPLE)
    files = {**SAMPLE, "src/made.txt": "the tree's own\n"}
    result = workshop.run(built, files, "cat", "src/made.txt", "deep/er/made.txt")
    assert result.stdout.text == "the tree's own\ngenerated\n"


def test_an_environment_cannot_be_changed_by_what_runs_in_it(workshop: Workshop) -> None:
    built = workshop.build(spec(), {})
    assert not workshop.run(built, {}, "sh", "-c", "echo x > /opt/env/bin/python || touch /opt/env/x").ok


def test_a_package_without_wheels_is_built_in_the_sandbox_only(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    setup = f"""
import os, socket
from setuptools import setup
try:
    open({str(mark)!r}, "w").close()
except OSError:
    pass
try:
    socket.create_connection(("127.0.0.1", int(os.environ.get("PORT", "9"))), 2)
    reached = True
except OSError:
    reached = False
open("ratchet_oldstyle.py", "w").write(
    "REACHED = %r\\nSECRETS = %r\\n" % (reached, [v for v in os.environ.values() if "{PASSWORD}" in v])
)
setup(name="ratchet_oldstyle", version="1.0", py_modules=["ratchet_oldstyle"],
      install_requires=["ratchet_leaf"])
"""
    requires = {"setup.py": setup, "ratchet_oldstyle.egg-info/requires.txt": "ratchet_leaf>=2\n"}
    files = {
        "ratchet_oldstyle-1.0.tar.gz": sdist("ratchet_oldstyle", "1.0", requires),
        "ratchet_leaf-1.0-py3-none-any.whl": wheel("ratchet_leaf", "1.0", {"ratchet_leaf.py": "V = 1\n"}),
        "ratchet_leaf-2.0-py3-none-any.whl": wheel("ratchet_leaf", "2.0", {"ratchet_leaf.py": "V = 2\n"}),
    }
    with serving(files, private=True) as index:
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", index.address)
        built = workshop.build(spec(trust="sdist", requirements=("ratchet_oldstyle",)), {})
    program = "import ratchet_oldstyle as o, ratchet_leaf; print(o.REACHED, o.SECRETS, ratchet_leaf.V)"
    assert workshop.python(built, {}, program) == "False [] 2"
    assert not mark.exists()
    assert PASSWORD not in built.log
    stored = [path for path in (workshop.state / "environments").rglob("*") if path.is_file()]
    assert not [path for path in stored if PASSWORD.encode() in path.read_bytes()]


def test_a_file_that_is_not_what_the_index_promised_is_refused(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(
        {"ratchet_swapped-1.0-py3-none-any.whl": wheel("ratchet_swapped", "1.0", {"ratchet_swapped.py": ""})}
    ) as index:
        index.promised["ratchet_swapped-1.0-py3-none-any.whl"] = "0" * 64
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", index.address)
        with pytest.raises(EnvironmentBroken, match="not the file its index promised"):
            workshop.build(spec(requirements=("ratchet_swapped",)), {})


def test_a_hash_in_the_requirements_is_kept_to(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(
        {"ratchet_hashed-1.0-py3-none-any.whl": wheel("ratchet_hashed", "1.0", {"ratchet_hashed.py": ""})}
    ) as index:
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", index.address)
        right = f"ratchet_hashed==1.0 --hash=sha256:{index.promised['ratchet_hashed-1.0-py3-none-any.whl']}"
        assert workshop.build(spec(requirements=(right,)), {}).key
        with pytest.raises(EnvironmentBroken, match="hash that the requirements allow"):
            workshop.build(spec(requirements=("ratchet_hashed==1.0 --hash=sha256:" + "1" * 64,)), {})


def test_versions_of_a_lock_that_do_not_exist_here_are_left_out(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(
        {"ratchet_bounded-1.0-py3-none-any.whl": wheel("ratchet_bounded", "1.0", {"ratchet_bounded.py": ""})}
    ) as index:
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", index.address)
        built = workshop.build(
            spec(requirements=("ratchet_bounded",), constraints=("ratchet_bounded==7",)), {}
        )
    assert "left out" in built.log


def test_packages_that_need_the_project_get_versions_that_fit_the_tree(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def user(version: str, needs: str) -> dict[str, bytes]:
        name = f"ratchet_user-{version}"
        return {f"{name}-py3-none-any.whl": wheel("ratchet_user", version, {"ratchet_user.py": ""}, (needs,))}

    files = {**user("1.0", "sample>=1"), **user("2.0", "sample>=7")}
    wanted = spec(
        trust="own",
        requirements=("ratchet_user",),
        project=True,
        name="sample",
        version="1.2",
        build_requires=SAMPLE_BUILD,
        modules=("sample",),
    )
    with serving(files) as index:
        monkeypatch.setenv("PIP_EXTRA_INDEX_URL", index.address)
        built = workshop.build(wanted, SAMPLE)
    program = "import importlib.metadata as m; print(m.version('ratchet_user'), m.version('sample'))"
    assert workshop.python(built, SAMPLE, program) == "1.0 1.2"


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


def test_an_older_python_of_the_host_is_lent_to_the_sandbox(workshop: Workshop) -> None:
    built = workshop.build(
        spec(
            python="3.8",
            requirements=("pytest",),
            project=True,
            build_requires=SAMPLE_BUILD,
            modules=("sample",),
        ),
        SAMPLE,
    )
    program = "import sys, ssl, sqlite3, ctypes, lzma, sample; print('%d.%d' % sys.version_info[:2])"
    assert workshop.python(built, SAMPLE, program) == "3.8"
    cleared = (
        "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'print(1)'], env={}).returncode)"
    )
    assert workshop.python(built, SAMPLE, cleared).endswith("0")


def test_a_build_backend_from_before_editable_wheels_still_works(workshop: Workshop) -> None:
    pyproject = (
        '[build-system]\nrequires = ["setuptools<64", "wheel"]\nbuild-backend = "setuptools.build_meta"\n'
    )
    setup = "from setuptools import setup\nsetup(name='sample', version='1', py_modules=['old'])\n"
    files = {"pyproject.toml": pyproject, "setup.py": setup, "old.py": "A = 5\n"}
    needs = ("setuptools<64", "wheel")
    built = workshop.build(spec(project=True, build_requires=needs, modules=("old",)), files)
    assert workshop.python(built, files, "import old; print(old.__file__)") == "/workspace/old.py"


def test_a_setup_script_that_imports_its_build_requirements_finds_them(workshop: Workshop) -> None:
    setup = "from setuptools import setup\nsetup(name='sample', version='1', py_modules=['old'])\n"
    files = {"setup.py": "import packaging\n" + setup, "old.py": "A = 5\n"}
    built = workshop.build(
        spec(trust="imports", project=True, build_requires=(*BUILD, "packaging"), modules=("old",)), files
    )
    assert workshop.python(built, files, "import old; print(old.__file__)") == "/workspace/old.py"


def test_what_a_build_asks_for_late_is_fetched_and_it_starts_over(workshop: Workshop) -> None:
    backend = """
from setuptools.build_meta import *
def get_requires_for_build_editable(config_settings=None):
    return ["packaging"]
"""
    pyproject = """
[build-system]
requires = ["setuptools"]
build-backend = "backend"
backend-path = ["."]
[project]
name = "sample"
version = "1"
[tool.setuptools]
py-modules = ["old"]
"""
    files = {"pyproject.toml": pyproject, "backend.py": backend, "old.py": "A = 5\n"}
    built = workshop.build(spec(trust="late", project=True, build_requires=BUILD, modules=("old",)), files)
    assert workshop.python(built, files, "import old; print(old.A)") == "5"


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


@pytest.mark.long
def test_a_compiled_extension_is_kept_for_other_trees(workshop: Workshop) -> None:
    source = """
#include <Python.h>
static PyObject *f(PyObject *s, PyObject *a) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"f", f, METH_NOARGS, ""}, {0}};
static struct PyModuleDef m = {PyModuleDef_HEAD_INIT, "fast", 0, -1, methods};
PyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&m); }
"""
    setup = "from setuptools import setup, Extension\nsetup(ext_modules=[Extension('fast', ['fast.c'])])\n"
    files = {**SAMPLE, "pyproject.toml": SETUPTOOLS, "setup.py": setup, "fast.c": source}
    for python in ("3.11", "3.12"):
        wanted = spec(python=python, project=True, build_requires=BUILD, system=COMPILER)
        built = workshop.build(wanted, files)
        assert workshop.python(built, files, "import fast; print(fast.f())") == "42"
