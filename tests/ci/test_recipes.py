"""The recipes of docs/ci.md are what they claim to be, as far as that can be told without a hosted runner."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "ci.md"
PAGES = (DOCS, ROOT / "docs" / "bot.md")
TOOLS = Path(sys.executable).parent
RECIPES = dict(
    re.findall(
        r"```yaml\n# (\S+)\n(.*?)```", "".join(page.read_text("utf-8") for page in PAGES), flags=re.DOTALL
    )
)


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    for name, text in RECIPES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_the_recipes_fit_the_schemas_of_their_formats(project: Path) -> None:
    workflows = sorted(name for name in RECIPES if name.startswith(".github/workflows/"))
    assert len(workflows) == 3
    for schema, names in (("github-workflows", workflows), ("gitlab-ci", [".gitlab-ci.yml"])):
        done = run(TOOLS / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *names, cwd=project)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflows_are_found_safe_and_an_unsafe_one_is_not(project: Path) -> None:
    zizmor = (TOOLS / "zizmor", "--offline", "--no-config", "--no-progress", "--persona=auditor")
    done = run(*zizmor, ".github", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    unsafe = project / "unsafe.yml"
    text = RECIPES[".github/workflows/ratchet.yml"]
    unsafe.write_text(text.replace("pull_request:", "pull_request_target:").replace("persist-", "x-"))
    assert run(*zizmor, str(unsafe), cwd=project).returncode != 0


def test_our_own_action_fits_its_schema_and_is_found_safe() -> None:
    action = ROOT / "action.yml"
    fits = run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-actions", action, cwd=ROOT)
    assert fits.returncode == 0, fits.stdout + fits.stderr
    safe = run(
        TOOLS / "zizmor", "--offline", "--no-config", "--no-progress", "--persona=auditor", action, cwd=ROOT
    )
    assert safe.returncode == 0, safe.stdout + safe.stderr


def test_what_the_recipes_call_exists() -> None:
    called = re.findall(r"ratchet ci (\w+)((?: --[\w-]+)?[^\n]*)", "".join(RECIPES.values()))
    assert len(called) == 3
    for command, rest in called:
        told = run(sys.executable, "-m", "agent", "ci", command, "--help", cwd=ROOT).stdout
        assert all(option in told for option in re.findall(r"--[\w-]+", rest))
