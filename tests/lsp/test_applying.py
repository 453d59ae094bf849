"""A patch, put into the buffers of editors of every kind while somebody types in them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from agent.protocol.api import ChangedFile
from agent.protocol.task import TaskKind
from lsp.applying.applied import Standing
from tests.lsp.desk import EGLOT, NVIM, VSCODE, At
from tests.lsp.seat import JUDGE, TASK, Seat, seated

PROFILES = [
    pytest.param(one, id=name) for name, one in (("nvim", NVIM), ("eglot", EGLOT), ("vscode", VSCODE))
]
BEFORE = "one\ntwo\nthree\nfour\nfive\n"
AFTER = "one\nTWO\nthree\nfour\nfive\n"
TYPED = (At(4, 4), At(4, 4), "  # mine 漢😀")
CONFLICTING = (At(1, 3), At(1, 3), "  # mine")
EXACTLY = "exactly as they were verified"
NOTHING = "Ratchet applied nothing: "

Doing = Callable[[Seat], Awaitable[None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a repository, as the agent saw it."""
    made = tmp_path / "repository"
    (made / ".git").mkdir(parents=True)
    (made / "a.py").write_text(BEFORE)
    return made


def changed(
    name: str = "a.py", before: str | bytes | None = BEFORE, after: str | bytes | None = AFTER
) -> ChangedFile:
    """Return a file of a patch."""
    sides = [one.encode() if isinstance(one, str) else one for one in (before, after)]
    return ChangedFile(path=name, mode="100644", before=sides[0], after=sides[1])


def sit(
    folder: Path, doing: Doing, *files: ChangedFile, profile: dict[str, Any] = VSCODE, **more: Any
) -> None:
    """Do something in an editor in front of a patch."""

    async def sitting() -> None:
        late = profile is NVIM
        async with (
            asyncio.timeout(60),
            seated(folder, files or [changed()], profile, tells_late=late, **more) as seat,
        ):
            await doing(seat)

    asyncio.run(sitting())


@pytest.mark.parametrize("profile", PROFILES)
def test_the_buffer_becomes_the_verified_file_and_the_disk_stays(
    folder: Path, profile: dict[str, Any]
) -> None:
    async def doing(seat: Seat) -> None:
        seat.desk.open("a.py")
        assert EXACTLY in await seat.apply()
        assert seat.desk.text("a.py") == AFTER
        assert "changeAnnotations" not in seat.desk.edits[0]
        assert EXACTLY in await seat.apply()
        assert len(seat.desk.edits) == 1
        assert seat.server.applied[TASK].standing is Standing.VERIFIED

    sit(folder, doing, profile=profile)
    assert (folder / "a.py").read_text() == BEFORE


@pytest.mark.parametrize("profile", PROFILES)
def test_what_was_typed_stays_and_the_merge_is_unverified(folder: Path, profile: dict[str, Any]) -> None:
    async def doing(seat: Seat) -> None:
        desk = seat.desk
        desk.open("a.py")
        desk.type("a.py", *TYPED)
        said = await seat.apply()
        assert desk.text("a.py") == AFTER.replace("five", "five  # mine 漢😀")
        assert "the merged result is unverified: a.py has other changes, too" in said
        assert [one["title"] for one in desk.asked[0]["actions"]] == ["Verify now"]
        assert ("changeAnnotations" in desk.edits[0]) == (profile is VSCODE)
        assert seat.server.applied[TASK].standing is Standing.UNVERIFIED

    sit(folder, doing, profile=profile)


def test_verify_now_judges_the_disk_with_the_buffers_in_it(folder: Path) -> None:
    async def doing(seat: Seat) -> None:
        seat.desk.open("a.py")
        seat.desk.type("a.py", *TYPED)
        await seat.apply(["Verify now"])
        while not seat.server.applied[TASK].judge:
            await asyncio.sleep(0.01)
        assert seat.server.applied[TASK].judge == JUDGE
        (spec,) = seat.specs
        assert (spec.kind, spec.repository, spec.front_end) == (TaskKind.VERIFY, str(folder), "lsp")
        assert spec.patch is not None
        assert "-two\n+TWO\n" in spec.patch
        assert "-five\n+five  # mine 漢😀\n" in spec.patch

    sit(folder, doing)


@pytest.mark.parametrize(
    ("choice", "line"),
    [
        ("Take theirs", "TWO\n"),
        ("Keep mine", "two  # mine\n"),
        ("Both with markers", "<<<<<<< yours\ntwo  # mine\n=======\nTWO\n>>>>>>> ratchet\n"),
        ("Cancel", "two  # mine\n"),
        (None, "two  # mine\n"),
    ],
)
def test_a_line_that_both_changed_is_what_the_user_says(folder: Path, choice: str | None, line: str) -> None:
    async def doing(seat: Seat) -> None:
        desk = seat.desk
        desk.open("a.py")
        desk.type("a.py", *CONFLICTING)
        said = await seat.apply([choice])
        assert desk.text("a.py") == f"one\n{line}three\nfour\nfive\n"
        assert "a.py, line 2, was changed here and by Ratchet" in desk.asked[0]["message"]
        assert "two  # mine" in desk.asked[0]["message"]
        titles = [one["title"] for one in desk.asked[0]["actions"]]
        assert titles == ["Take theirs", "Keep mine", "Both with markers", "Cancel"]
        acts = choice in ("Take theirs", "Both with markers")
        assert (len(desk.edits), NOTHING in said, EXACTLY in said) == (
            acts,
            not acts,
            choice == "Take theirs",
        )

    sit(folder, doing)


@pytest.mark.parametrize(
    ("answers", "text"),
    [
        (["Apply only the others"], "one  # mine\ntwo\nthree  # mine\nfour\nFIVE\n"),
        (["Decide one by one", "Take theirs", "Keep mine"], "ONE\ntwo\nthree  # mine\nfour\nFIVE\n"),
        (["Decide one by one", "Take theirs", "Cancel"], "one  # mine\ntwo\nthree  # mine\nfour\nfive\n"),
        (["Cancel"], "one  # mine\ntwo\nthree  # mine\nfour\nfive\n"),
    ],
)
def test_of_several_conflicts_nothing_is_done_before_all_are_decided(
    folder: Path, answers: list[str], text: str
) -> None:
    async def doing(seat: Seat) -> None:
        seat.desk.open("a.py")
        seat.desk.type("a.py", At(0, 3), At(0, 3), "  # mine")
        seat.desk.type("a.py", At(2, 5), At(2, 5), "  # mine")
        await seat.apply(answers)
        assert seat.desk.text("a.py") == text
        assert "2 places in one file" in seat.desk.asked[0]["message"]

    sit(folder, doing, changed(after="ONE\ntwo\nTHREE\nfour\nFIVE\n"))


@pytest.mark.parametrize("profile", [EGLOT, VSCODE])
def test_what_is_typed_while_the_edit_is_on_its_way_is_planned_anew(
    folder: Path, profile: dict[str, Any]
) -> None:
    async def doing(seat: Seat) -> None:
        desk = seat.desk
        desk.open("a.py")
        desk.typing = [("a.py", At(0, 0), At(0, 0), f"# {word}\n") for word in ("first", "second")]
        desk.refusals = [{"applied": False, "failureReason": "another version"}] * 2
        assert "unverified" in await seat.apply()
        assert desk.text("a.py") == f"# second\n# first\n{AFTER}"
        assert [edit["documentChanges"][0]["textDocument"]["version"] for edit in desk.edits] == [1, 2, 3]

    sit(folder, doing, profile=profile)


def test_an_editor_that_refuses_is_asked_once_and_its_reason_is_told(folder: Path) -> None:
    async def doing(seat: Seat) -> None:
        seat.desk.open("a.py")
        seat.desk.refusals = [{"applied": False, "failureReason": "the user\x1b[31m said no"}]
        assert await seat.apply() == f"{NOTHING}the editor did not apply it: the user said no"
        assert (seat.desk.text("a.py"), len(seat.desk.edits)) == (BEFORE, 1)
        assert seat.server.applied[TASK].standing is Standing.NOT_APPLIED

    sit(folder, doing)


def test_a_document_that_was_lost_is_refused_until_it_is_opened_again(folder: Path) -> None:
    async def doing(seat: Seat) -> None:
        desk = seat.desk
        desk.open("a.py")
        span = {"start": {"line": 99, "character": 0}, "end": {"line": 99, "character": 0}}
        document = {"uri": desk.uri("a.py"), "version": 2}
        desk.notify(
            "textDocument/didChange", textDocument=document, contentChanges=[{"range": span, "text": "x"}]
        )
        assert "open it again" in await seat.apply()
        assert desk.edits == []
        desk.open("a.py")
        assert EXACTLY in await seat.apply()

    sit(folder, doing)


def test_files_that_are_for_no_editor_are_left_out_when_the_user_agrees(folder: Path) -> None:
    binary = changed("b.bin", b"\0", b"\0\1")

    async def doing(seat: Seat) -> None:
        assert NOTHING in await seat.apply(["Cancel"])
        assert "b.bin is left out: it is binary" in seat.desk.asked[0]["message"]
        assert seat.desk.edits == []
        assert "b.bin is left out: it is binary" in await seat.apply(["Apply the other file"])
        assert len(seat.desk.edits) == 1

    (folder / "b.bin").write_bytes(b"\0")
    sit(folder, doing, changed(), binary)


def test_all_files_are_one_edit_and_a_file_that_stays_is_told(folder: Path) -> None:
    patch = [changed(), changed("new/b.py", None, "b\n"), changed("gone.py", "gone\n", None)]

    async def doing(seat: Seat) -> None:
        assert "unverified: gone.py is still there" in await seat.apply()
        (edit,) = seat.desk.edits
        assert sorted(edit["changes"]) == [seat.desk.uri("a.py"), seat.desk.uri("new/b.py")]

    (folder / "gone.py").write_text("gone\n")
    sit(folder, doing, *patch, profile=NVIM)
    assert (folder / "gone.py").exists()
    assert not (folder / "new").exists()


def test_a_file_that_is_not_open_is_left_to_the_editor_to_open(folder: Path) -> None:
    async def doing(seat: Seat) -> None:
        assert EXACTLY in await seat.apply()
        (step,) = seat.desk.edits[0]["documentChanges"]
        assert step["textDocument"] == {"uri": seat.desk.uri("a.py"), "version": None}

    sit(folder, doing)
    assert (folder / "a.py").read_text() == BEFORE


def test_unsaved_changes_elsewhere_are_no_part_of_what_was_verified(folder: Path) -> None:
    async def doing(seat: Seat) -> None:
        seat.desk.open("a.py")
        seat.desk.open("b.py")
        seat.desk.type("b.py", At(0, 0), At(0, 0), "# new\n")
        assert "unverified: b.py has unsaved changes" in await seat.apply()
        assert seat.desk.text("a.py") == AFTER

    (folder / "b.py").write_text("b\n")
    sit(folder, doing)


def test_a_document_elsewhere_that_was_lost_leaves_the_result_unverified(folder: Path) -> None:
    async def doing(seat: Seat) -> None:
        seat.desk.open("b.py")
        span = {"start": {"line": 99, "character": 0}, "end": {"line": 99, "character": 0}}
        document = {"uri": seat.desk.uri("b.py"), "version": 2}
        changes = [{"range": span, "text": "x"}]
        seat.desk.notify("textDocument/didChange", textDocument=document, contentChanges=changes)
        assert "unverified: b.py has unsaved changes" in await seat.apply()

    (folder / "b.py").write_text("b\n")
    sit(folder, doing)


def test_a_patch_that_was_not_proven_is_not_shown_as_if_it_were(folder: Path) -> None:
    async def doing(seat: Seat) -> None:
        assert "unverified: the patch itself is not verified" in await seat.apply()

    sit(folder, doing, proven=False)


def test_a_buffer_with_other_line_ends_than_the_file_is_merged_and_verified(folder: Path) -> None:
    (folder / "a.py").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")

    async def doing(seat: Seat) -> None:
        seat.desk.open("a.py", "one\ntwo\n")
        assert EXACTLY in await seat.apply()
        assert seat.desk.text("a.py") == "one\nTWO\n"

    sit(folder, doing, changed(before="\ufeffone\r\ntwo\r\n", after="\ufeffone\r\nTWO\r\n"), profile=NVIM)


def test_an_editor_that_takes_no_edits_is_told_another_way(folder: Path) -> None:
    async def doing(seat: Seat) -> None:
        assert f"ratchet tasks patch {TASK} | git apply" in await seat.apply()

    sit(folder, doing, profile={})


def test_an_order_without_a_task_is_wrong(folder: Path) -> None:
    async def doing(seat: Seat) -> None:
        order = {"command": "ratchet.apply", "arguments": [{}]}
        answer = await seat.ask("workspace/executeCommand", **order)
        assert answer["error"]["message"] == "task: names no task"

    sit(folder, doing)
