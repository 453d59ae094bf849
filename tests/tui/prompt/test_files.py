"""The files that can be mentioned are those that people write."""

from pathlib import Path

from tui.prompt.files import files_of


def test_files_are_listed_nearest_first_without_what_tools_make(tmp_path: Path) -> None:
    for name in (
        "b.py",
        "a.py",
        "src/deep/x.py",
        "src/y.py",
        ".git/HEAD",
        ".github/ci.yml",
        "node_modules/z.js",
        "out/made.py",
        "bad\x1bname",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / ".gitignore").write_text("/out/\n*.pyc\n# src\n!y\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = files_of(tmp_path)
    assert found == [".gitignore", "a.py", "b.py", "loop", ".github/ci.yml", "src/y.py", "src/deep/x.py"]


def test_a_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    assert files_of(tmp_path / "none") == []
