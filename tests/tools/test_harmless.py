"""A file that was looked through is shown without a second look, and never with what has to be taken out."""

from pathlib import Path

from agent.repo.store import Store
from agent.tools.harmless import HarmlessFiles
from agent.untrusted.guard import Guarded, guard
from tests.repo.project import Project

KEY = "AKIAIOSFODNN7EXAMPLX"
OWN = "the-key-of-the-model-itself"
NOTES = f"see\u200b this {KEY}\r\nand {OWN}\n"
FILES = {"clean.py": "def one():\n    return 1\n", "notes.md": NOTES, ".env": "PASSWORD=plainword\n"}


def test_a_file_is_guarded_the_second_time_as_the_first() -> None:
    files = HarmlessFiles()
    for path, text in FILES.items():
        content = text.encode()
        for secrets in ((), (OWN,), ()):
            for _ in range(2):
                assert files.guarded(content, "b" * 40, path, secrets) == guard(text, secrets, path)


def test_one_blob_may_be_harmless_in_code_and_a_secret_in_a_settings_file() -> None:
    files, content = HarmlessFiles(), b"PASSWORD=plainword\n"
    assert files.guarded(content, "b" * 40, "notes.py", ()) == Guarded(content.decode())
    assert files.guarded(content, "b" * 40, ".env", ()).flags == ("secret:assigned",)


def test_what_was_looked_through_ahead_is_known_by_its_blob_and_not_looked_through_again(
    tmp_path: Path,
) -> None:
    store, blobs = committed(tmp_path)
    files = HarmlessFiles()
    assert len(list(files.prepare(store, blobs, (OWN,)))) == len(FILES)
    # Bytes that no blob of this id can hold: nobody looks at them any more.
    assert files.guarded(KEY.encode(), blobs["clean.py"], "clean.py", (OWN,)) == Guarded(KEY)
    for path in ("notes.md", ".env"):
        assert files.guarded(KEY.encode(), blobs[path], path, (OWN,)).flags == ("secret:aws_key",)


def test_a_file_that_no_longer_holds_its_blob_is_left_alone(tmp_path: Path) -> None:
    store, blobs = committed(tmp_path)
    (store.root / "clean.py").write_text(f'KEY = "{KEY}"\n')
    files = HarmlessFiles()
    list(files.prepare(store, blobs, ()))
    assert files.guarded(KEY.encode(), blobs["clean.py"], "clean.py", ()).flags == ("secret:aws_key",)


def committed(folder: Path) -> tuple[Store, dict[str, str]]:
    project = Project(folder / "repo", folder / "state").init()
    for path, text in FILES.items():
        project.write(path, text)
    project.commit()
    store = Store.open(project.root, project.state)
    listed = store.list(store.tree_of(store.resolve("HEAD")))
    return store, {path: entry.blob for path, entry in listed.items()}
