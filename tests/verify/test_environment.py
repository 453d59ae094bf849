"""Discovery: what manifests of every kind turn into, without running any of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from agent.verify.environment import discover_environment
from agent.verify.environment_python import Pythons
from sandboxes.environment import EnvironmentSpec
from sandboxes.roots import COMPILER

HERE = Pythons("3.11", ("3.13", "3.12", "3.11", "3.10", "3.9", "3.8"))
BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'


@dataclass(frozen=True)
class Listed:
    mode: str
    blob: str


class Tree:
    """One tree held in a mapping, with the store's way of reading it."""

    def __init__(self, files: Mapping[str, str], version: str = "", links: tuple[str, ...] = ()) -> None:
        self.files, self.version, self.links = files, version, links
        self.trust = "here"

    def list(self, tree: str) -> dict[str, Listed]:
        return {
            path: Listed(
                "120000" if path in self.links else "100644", hashlib.sha1(text.encode()).hexdigest()
            )
            for path, text in self.files.items()
        }

    def read(self, tree: str, path: str) -> bytes:
        return self.files[path].encode()

    def describe(self, commit: str) -> str:
        return self.version


def discover(files: Mapping[str, str], version: str = "", **config: object) -> EnvironmentSpec:
    return discover_environment(Tree(files, version), "t", "c", config, pythons=HERE)


def test_no_manifest_means_pytest_and_no_project() -> None:
    spec = discover({"a.py": "", "test_a.py": ""})
    assert (spec.requirements, spec.project, spec.modules) == (("pytest",), False, ())
    assert (spec.python, spec.trust) == ("3.11", "here")


def test_standard_tables_give_the_project_and_its_test_extras_and_groups() -> None:
    pyproject = (
        BUILD
        + """
[project]
name = "My.Pkg"
dynamic = ["version"]
requires-python = ">=3.10"
dependencies = ["attrs>=20", "gone @ https://example.org/x.whl"]
[project.optional-dependencies]
test = ["my-pkg[fast]", "hypothesis"]
fast = ["orjson; python_version < '4'"]
docs = ["sphinx"]
[dependency-groups]
tests = [{include-group = "Base"}, "pytest>=7"]
base = ["freezegun"]
lint = ["ruff"]
"""
    )
    spec = discover({"pyproject.toml": pyproject, "src/my_pkg/__init__.py": ""}, "1.2.4.dev7+gabc")
    assert spec.requirements == (
        "attrs>=20",
        'orjson; python_version < "4"',
        "hypothesis",
        "freezegun",
        "pytest>=7",
    )
    assert (spec.project, spec.version, spec.modules) == (True, "1.2.4.dev0", ("my_pkg",))
    assert spec.build_requires == ("hatchling", "editables")
    assert any("gone @" in note and "cannot be fetched" in note for note in spec.notes)
    assert [path for path, _ in spec.inputs] == ["pyproject.toml"]


def test_versions_of_commits_between_two_tags_share_an_environment() -> None:
    files = {"pyproject.toml": BUILD + '[project]\nname = "p"\ndynamic = ["version"]\n'}
    assert discover(files, "2.1.dev3+gaaa") == discover(files, "2.1.dev9+gbbb")
    assert discover(files, "2.0").version == "2.0"


def test_configuration_replaces_what_detection_would_choose() -> None:
    pyproject = '[project]\nname = "p"\n[project.optional-dependencies]\ntest = ["a"]\nfull = ["b"]\n'
    spec = discover(
        {"pyproject.toml": pyproject},
        python="3.9",
        packages=("c",),
        system=("libpq5",),
        setup=("make data",),
        extras=("full",),
        groups=None,
    )
    assert spec.requirements == ("b", "c", "pytest")
    assert (spec.python, spec.system, spec.setup) == ("3.9", ("libpq5",), ("make data",))


def test_development_groups_are_taken_only_where_no_test_group_is() -> None:
    groups = '[dependency-groups]\ndev = ["pytest", "pre-commit", "mock"]\n'
    spec = discover({"pyproject.toml": groups})
    assert spec.requirements == ("pytest", "mock")
    spec = discover({"pyproject.toml": groups + 'test = ["pytest"]\n'})
    assert spec.requirements == ("pytest",)


def test_requirement_files_are_read_with_their_includes_and_nothing_is_obeyed_but_names() -> None:
    lines = r"""
--index-url https://evil.example/simple
--extra-index-url=https://evil.example/more
-f https://evil.example/links
--trusted-host evil.example
-e git+https://example.org/x.git#egg=x
git+ssh://git@example.org/y.git
file:///etc/passwd
https://example.org/z.whl
./vendored
${SECRET}
-e .[speed]
-r more/base.txt
-r ../outside.txt
-r /etc/passwd
-c bounds.txt
requests>=2 ; python_version >= "3" # why
six==1.16.0 \
    --hash=sha256:%s \
    --hash=md5:abc
""" % ("a" * 64)
    files = {
        "requirements.txt": lines,
        "more/base.txt": "idna\n-r ../requirements.txt\n",
        "bounds.txt": "idna<4\n",
    }
    spec = discover(files)
    six = "six==1.16.0 --hash=sha256:" + "a" * 64
    assert spec.requirements == ("idna", 'requests>=2; python_version >= "3"', six, "pytest")
    assert spec.constraints == ("idna<4",)
    refused = ("index-url", "extra-index-url", "-f", "trusted-host", "git+https", "git+ssh", "etc/passwd")
    refused += ("z.whl", "vendored", "SECRET", "outside.txt")
    for what in refused:
        assert any(what in note for note in spec.notes), what
    assert {path for path, _ in spec.inputs} == set(files)


def test_a_link_is_no_manifest() -> None:
    tree = Tree({"requirements.txt": "/etc/passwd"}, links=("requirements.txt",))
    assert discover_environment(tree, "t", "c", {}, pythons=HERE).requirements == ("pytest",)


def test_requirement_files_of_an_installable_project_do_not_replace_its_dependencies() -> None:
    pyproject = BUILD + '[project]\nname = "p"\nversion = "1"\ndependencies = ["six"]\n'
    files = {"pyproject.toml": pyproject, "requirements.txt": "black\n", "requirements-test.txt": "mock\n"}
    assert discover(files).requirements == ("six", "mock", "pytest")


def test_setup_py_is_read_as_a_syntax_tree() -> None:
    script = """
import os, numpy, sys
raise SystemExit(os.system("touch /tmp/ratchet-ran-setup-py"))
base = ["six"]
with open("requirements/extra.txt") as f:
    extra = f.read().splitlines()
from setuptools import setup
setup(
    name="legacy", install_requires=base + ["chardet<5"], python_requires=">=3.6",
    extras_require={"test": extra_tests, "testing": ["nose2"]}, tests_require=["mock"],
    setup_requires=["cffi"], use_scm_version=True, py_modules=["legacy"],
)
"""
    spec = discover({"setup.py": script, "legacy.py": "", "tests/test_x.py": ""}, "0.3")
    assert spec.requirements == ("six", "chardet<5", "mock", "nose2", "pytest", "setuptools<81")
    assert spec.build_requires == ("setuptools", "wheel", "numpy", "cffi")
    assert (spec.version, spec.modules, spec.project) == ("0.3", ("legacy",), True)


def test_computed_requirements_of_setup_py_are_named_in_the_notes() -> None:
    spec = discover({"setup.py": "from setuptools import setup\nsetup(install_requires=compute())\n"})
    assert any("install_requires is computed" in note for note in spec.notes)
    script = "from setuptools import setup\nsetup(install_requires=open('deps.txt').read().split())\n"
    assert "six" in discover({"setup.py": script, "deps.txt": "six\n"}).requirements


def test_tables_of_setup_py_that_are_filled_step_by_step_are_followed() -> None:
    script = """
EXTRAS = {"few": ["hypothesis"]}
EXTRAS["tests"] = EXTRAS["few"] + ["six"]
NEEDS = ["idna"]
NEEDS += ["chardet"]
setup(name="steps", version="3.1", extras_require=EXTRAS, install_requires=NEEDS)
"""
    spec = discover({"setup.py": script, "steps.py": ""}, "9.9")
    assert spec.requirements[:4] == ("idna", "chardet", "hypothesis", "six")
    assert (spec.name, spec.version) == ("steps", "3.1")


def test_a_test_extra_without_a_test_runner_is_completed_by_tox() -> None:
    pyproject = '[project]\nname = "p"\n[project.optional-dependencies]\ntest = ["tox"]\n'
    files = {"pyproject.toml": pyproject, "tox.ini": "[testenv]\ndeps =\n  pytest\n  mock\n"}
    assert discover(files).requirements == ("pytest", "mock")


def test_setup_cfg_is_data() -> None:
    config = """
[metadata]
name = thing
classifiers =
    Programming Language :: Python :: 3.8
    Programming Language :: Python :: 3.9
[options]
install_requires =
    six  # compatibility
python_requires = >=3.6
[options.extras_require]
tests =
    mock
"""
    spec = discover(
        {"setup.cfg": config, "setup.py": "import setuptools; setuptools.setup()", "thing/__init__.py": ""}
    )
    assert spec.requirements == ("six", "mock", "pytest", "setuptools<81")
    assert (spec.python, spec.modules) == ("3.9", ("thing",))


def test_poetry_ranges_become_standard_ones() -> None:
    pyproject = """
[tool.poetry]
name = "p"
version = "1"
[tool.poetry.dependencies]
python = "^3.8"
requests = "^2.28.1"
rich = {version = "~13.2", extras = ["jupyter"], python = "<3.12"}
local = {path = "../local"}
[tool.poetry.group.dev.dependencies]
pytest = "*"
tenacity = "^0.3"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""
    spec = discover({"pyproject.toml": pyproject, "p/__init__.py": ""})
    assert spec.requirements == (
        "requests<3,>=2.28.1",
        'rich[jupyter]<13.3,>=13.2; python_version < "3.12"',
        "pytest",
        "tenacity<0.4,>=0.3",
    )
    assert (spec.python, spec.project, spec.modules) == ("3.11", True, ("p",))
    assert any("local @ ../local" in note for note in spec.notes)


def test_tox_says_what_to_install_where_nothing_else_does() -> None:
    tox = """
[base]
deps = mock
[testenv]
deps =
    {[base]deps}
    py311: toml
    py27: enum34
    coveralls
    -r{toxinidir}/dev.txt
    pytest{env:VERSION:}
commands_pre = make
"""
    spec = discover({"tox.ini": tox, "dev.txt": "six\n"})
    assert spec.requirements == ("mock", "toml", "six", "pytest")
    assert any("commands_pre" in note for note in spec.notes)


def test_extras_and_groups_that_tox_names_win_over_the_usual_names() -> None:
    pyproject = '[project]\nname = "p"\n[project.optional-dependencies]\nci = ["a"]\ntest = ["b"]\n'
    assert "a" in discover({"pyproject.toml": pyproject, "tox.ini": "[testenv]\nextras = ci\n"}).requirements


def test_a_lock_prefers_what_it_locked_once() -> None:
    lock = """
[[package]]
name = "p"
version = "1"
source = { editable = "." }
[[package]]
name = "Six"
version = "1.15.0"
source = { registry = "somewhere" }
[[package]]
name = "numpy"
version = "1.26.0"
[[package]]
name = "numpy"
version = "2.0.0"
[[package]]
name = "vendored"
version = "1"
source = { git = "https://example.org/x" }
"""
    pyproject = '[project]\nname = "p"\ndependencies = ["six"]\n'
    assert discover({"uv.lock": lock, "pyproject.toml": pyproject}).constraints == ("six==1.15.0",)


def test_plugins_that_the_configuration_cannot_do_without_are_added() -> None:
    config = "[pytest]\naddopts = --cov=x -n auto\ntimeout = 10\n"
    spec = discover({"pytest.ini": config, "requirements.txt": "pytest-xdist\n"})
    assert spec.requirements == ("pytest-xdist", "pytest", "pytest-cov", "pytest-timeout")


@pytest.mark.parametrize(
    ("files", "python"),
    [
        ({"pyproject.toml": '[project]\nname = "p"\nrequires-python = ">=3.12"\n'}, "3.13"),
        ({"pyproject.toml": '[project]\nname = "p"\nrequires-python = "<3.10"\n'}, "3.9"),
        ({"pyproject.toml": '[project]\nname = "p"\nrequires-python = ">=3.11.2"\n'}, "3.11"),
        ({"pyproject.toml": '[project]\nname = "p"\nrequires-python = ">=3.14"\n'}, "3.14"),
        ({".python-version": "3.10.4\n"}, "3.10"),
        ({".python-version": "3.15\n"}, "3.11"),
        ({".python-version": "pypy3.9\n"}, "3.11"),
        ({"setup.py": "setup(classifiers=['Programming Language :: Python :: 3.5'])"}, "3.8"),
        ({"tox.ini": "[tox]\nenvlist = py{27,38,39}\n"}, "3.9"),
        ({"tox.ini": "[tox]\nenvlist =\n    lint\n    py310, py311\n"}, "3.11"),
        ({"pyproject.toml": '[tool.tox]\nenv_list = ["3.10", "docs"]\n'}, "3.10"),
        ({"pyproject.toml": "not = [toml"}, "3.11"),
        ({"pyproject.toml": '[project]\nname = "p"\nrequires-python = "whatever"\n'}, "3.11"),
    ],
)
def test_the_python_is_the_one_the_project_asks_for(files: dict[str, str], python: str) -> None:
    assert discover(files).python == python


def test_the_python_that_a_task_asks_for_is_taken_where_it_is_here() -> None:
    tree = Tree({"a.py": "", ".python-version": "3.10\n"})
    for asked, config, python in (
        ("3.12", {}, "3.12"),
        ("3.12", {"python": "3.9"}, "3.12"),
        ("3.14", {}, "3.10"),
        ("3.14", {"python": "3.9"}, "3.9"),
        ("", {}, "3.10"),
    ):
        spec = discover_environment(tree, "t", "c", config, pythons=HERE, asked=asked)
        assert spec.python == python
        assert any("3.14, which the task asks for, is not on this machine" in one for one in spec.notes) is (
            asked == "3.14"
        )


def test_compiled_sources_are_inputs_and_bring_a_compiler() -> None:
    script = "from setuptools import setup, Extension\nsetup(ext_modules=[Extension('a', ['a.c'])])\n"
    spec = discover({"setup.py": script, "a.c": "int x;", "doc/readme": ""})
    assert spec.system == COMPILER
    assert {path for path, _ in spec.inputs} == {"setup.py", "a.c"}


@pytest.mark.parametrize(
    ("files", "modules"),
    [
        ({"src/a/__init__.py": "", "src/tests/__init__.py": ""}, ("a",)),
        ({"p/__init__.py": "", "tests/__init__.py": "", "other/__init__.py": ""}, ("p",)),
        ({"p.py": "", "setup.py": ""}, ("p",)),
        ({"one/__init__.py": "", "two/__init__.py": ""}, ()),
    ],
)
def test_modules_of_the_preflight_are_the_certain_ones(
    files: dict[str, str], modules: tuple[str, ...]
) -> None:
    pyproject = BUILD + '[project]\nname = "p"\nversion = "1"\n'
    assert discover({"pyproject.toml": pyproject, **files}).modules == modules


def test_a_tree_that_only_configures_tools_is_not_installed() -> None:
    assert not discover({"pyproject.toml": "[tool.black]\nline-length = 100\n"}).project
    package = BUILD + '[project]\nname = "p"\nversion = "1"\n[tool.uv]\npackage = false\n'
    assert not discover({"pyproject.toml": package}).project
