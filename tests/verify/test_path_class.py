"""Paths fall into source, tests and settings; some decide how tests run."""

import pytest

from agent.verify.path_class import PathClass, is_test_control, path_class

CLASSES = {
    PathClass.SOURCE: "src/pkg/a.py a.py pkg/testing.py pkg/testing/tools.py docs/index.md "
    "setup/x.py contest.py latest.py pkg/data.json README.md attestation.py",
    PathClass.TEST: "tests/test_a.py test_a.py pkg/a_test.py tests/data/x.json pkg/tests/__init__.py "
    "testing/test_x.py conftest.py tests.py src/a.spec.ts __tests__/a.js tests/conftest.py test/x.txt",
    PathClass.CONFIG: "pyproject.toml setup.py setup.cfg tox.ini requirements.txt requirements-dev.txt "
    "poetry.lock .github/workflows/ci.yml Makefile noxfile.py .gitignore Dockerfile mkdocs.yml",
}
CONTROL = (
    "conftest.py tests/conftest.py pytest.ini .pytest.ini tox.ini setup.cfg setup.py pyproject.toml "
    "noxfile.py .coveragerc .github/workflows/ci.yml .gitlab-ci.yml Jenkinsfile sitecustomize.py "
    "src/usercustomize.py a.pth Makefile build.mk .ratchet.toml pytest.py _pytest/runner.py "
    "src/pluggy/__init__.py unittest.py ratchet_pytest.py pytest_plugin.py tasks.py"
)
NOT_CONTROL = (
    "tests/test_a.py src/pkg/a.py tests/unittest/test_x.py README.md pkg/pytest.py requirements.txt "
    "tests/data.toml"
)


@pytest.mark.parametrize(
    ("kind", "path"), [(kind, path) for kind, paths in CLASSES.items() for path in paths.split()]
)
def test_a_path_has_its_class(kind: PathClass, path: str) -> None:
    assert path_class(path) is kind


@pytest.mark.parametrize("path", CONTROL.split())
def test_a_file_that_decides_how_tests_run_is_known(path: str) -> None:
    assert is_test_control(path)


@pytest.mark.parametrize("path", NOT_CONTROL.split())
def test_other_files_are_not_taken_for_it(path: str) -> None:
    assert not is_test_control(path)
