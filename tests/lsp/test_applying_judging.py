"""What is unsaved is said as a patch that git takes, byte for byte."""

import subprocess
from pathlib import Path

import pytest

from lsp.applying.held import Held, buffers
from lsp.applying.judging import unsaved_patch
from lsp.applying.settling import unsaved
from lsp.text.document import Document


def applied(folder: Path, patch: str) -> None:
    """Let git apply a patch to a folder."""
    subprocess.run(["git", "apply", "-"], cwd=folder, input=patch.encode(), check=True)


@pytest.mark.parametrize(
    ("disk", "buffer", "after"),
    [
        ("a\nb\n", "a\nB\n", "a\nB\n"),
        ("a\nb", "a\nb\n", "a\nb\n"),
        ("a\nb\n", "a\nb", "a\nb"),
        ("a\r\nb\r\n", "a\nB\n", "a\r\nB\r\n"),
        ("\ufeffa\r\nb\r\n", "x\na\nb\n", "\ufeffx\r\na\r\nb\r\n"),
        ("a\nb\n", "", ""),
        ("", "a", "a"),
        ("a\u2028b\n", "a\u2028b\x0c\n漢\n", "a\u2028b\x0c\n漢\n"),
        (None, "new\r\nfile", "new\r\nfile"),
        (None, "", ""),
        ("a\nb\r\n", "a\nB\r\n", "a\nB\r\n"),
    ],
)
@pytest.mark.parametrize("name", ["a.py", 'dir/wörter "x" y.txt'])
def test_git_makes_of_the_disk_what_the_buffer_will_save(
    tmp_path: Path, disk: str | None, buffer: str, after: str, name: str
) -> None:
    place = tmp_path / name
    place.parent.mkdir(exist_ok=True)
    if disk is not None:
        place.write_bytes(disk.encode())
    documents = [Document(place.as_uri(), 1, buffer), Document("untitled:1", 1, "x")]
    patch = unsaved_patch(unsaved(tmp_path, buffers(documents)))
    assert patch is not None
    applied(tmp_path, patch)
    assert place.read_bytes() == after.encode()


def test_several_buffers_are_one_patch_and_saved_ones_are_not_in_it(tmp_path: Path) -> None:
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text(f"{name}\n")
    documents = [Document((tmp_path / name).as_uri(), 1, f"{name}\nmore\n") for name in ("a.py", "c.py")]
    documents.append(Document((tmp_path / "b.py").as_uri(), 1, "b.py\n"))
    patch = unsaved_patch(unsaved(tmp_path, buffers(documents)))
    assert patch is not None
    assert "b.py" not in patch
    applied(tmp_path, patch)
    assert (tmp_path / "c.py").read_text() == "c.py\nmore\n"
    assert unsaved_patch([]) is None


def test_half_a_character_does_not_stop_it() -> None:
    assert unsaved_patch([Held("a.py", "file:///a.py", "\ud800\n", "a\n", 1)])
