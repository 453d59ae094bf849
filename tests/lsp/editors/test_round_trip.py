"""Real editors, without a plug-in: a failing test is shown, fixed, and the proven patch applied."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.editors.conftest import Workplace
from tests.lsp.editors.programs import emacs, neovim, new_neovim, vim

NEOVIM = "neovim.lua"
RUFF = json.dumps([str(Path(sys.executable).with_name("ruff")), "server"])


def newest_task(workplace: Workplace) -> dict[str, Any]:
    """Return the summary of the newest task."""
    listed: Any = workplace.ratchet.json("tasks", "list", "--limit", "1")
    return dict(listed["tasks"][0])


def assert_applied(workplace: Workplace, text: str) -> None:
    """Check that the editor asked for a task of its own, and has what that task has proven."""
    task = newest_task(workplace)
    assert (task["status"], task["outcome"]) == ("finished", "verified"), task
    assert task["task_id"] != workplace.task
    assert text == workplace.verified(task["task_id"])
    assert "amount - discount" in text


@pytest.mark.parametrize(
    "editor", [pytest.param(neovim, id="0.7"), pytest.param(new_neovim, id="0.11", marks=pytest.mark.long)]
)
def test_neovim_goes_from_a_failing_test_to_the_verified_file(workplace: Workplace, editor: Any) -> None:
    seen = workplace.drive(editor(), NEOVIM, "fix", RATCHET_BESIDE=RUFF)

    assert any("test_discount_is_taken_off" in one["message"] for one in seen["diagnostics"])
    assert seen["progress"][0]["title"].startswith("Ratchet: ")
    assert any("verified" in question for question in seen["questions"])
    assert {"ratchet", "beside"} <= set(seen["clients"])
    assert_applied(workplace, seen["text"])


def test_what_is_at_work_can_be_stopped_from_neovim(workplace: Workplace) -> None:
    workplace.drive(new_neovim(), NEOVIM, "cancel")

    assert newest_task(workplace)["outcome"] == "interrupted"


@pytest.mark.long
def test_emacs_goes_from_a_failing_test_to_the_verified_file(workplace: Workplace) -> None:
    seen = workplace.drive(emacs(), "emacs.el", "fix")

    assert "test_discount_is_taken_off" in seen["diagnostic"]
    kinds = [one["kind"] for one in seen["progress"]]
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    assert seen["ended"] is True
    assert_applied(workplace, seen["text"])


def test_vim_with_ale_shows_the_failing_test(workplace: Workplace) -> None:
    seen = workplace.drive(vim(), "vim-ale.vim", "diagnostics")

    assert any("test_discount_is_taken_off" in one["text"] for one in seen["diagnostics"])
