"""Projects and packages of every kind, fetched from an index over HTTP and built without network."""

from pathlib import Path

import pytest

from sandboxes.bubblewrap_sandbox import BubblewrapBackend
from sandboxes.errors import EnvironmentBroken
from sandboxes.roots import COMPILER
from tests.sandboxes.workshop import (
    BUILD,
    PASSWORD,
    SAMPLE,
    SAMPLE_BUILD,
    SETUPTOOLS,
    Workshop,
    sdist,
    serving,
    shared_state,
    spec,
    wheel,
)


@pytest.fixture(scope="session")
def state(state_dir: Path, base_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shared_state(state_dir, tmp_path_factory.mktemp("environments"))


@pytest.fixture(scope="session")
def workshop(state: Path) -> Workshop:
    return Workshop(state, BubblewrapBackend())


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
