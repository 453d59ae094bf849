"""Trees, edits, diffs, archives and versions, checked against what plain git makes of them."""

import io
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.protocol.edit import Create, Delete, Edit, Splice
from agent.protocol.errors import PatchRefused, RepositoryError
from agent.repo.store import Store
from agent.repo.tree import Entry
from agent.repo.version import version_of
from tests.repo.project import Project

MakeProject = Callable[[str], Project]
LATIN = "café = 'é'\r\nnächste Zeile\n".encode("latin-1")


def test_revisions_resolve_to_commits_of_ours(project: Project) -> None:
    first = project.git("rev-parse", "HEAD")
    project.write("a.py", "second\n")
    second = project.commit("second")
    project.git("tag", "-a", "v1", "-m", "one", first)
    project.git("branch", "other", first)
    store = project.store()
    names = ["HEAD~1", "v1", "other", "main^", first[:10], ":/first", "main@{1}"]
    assert {name: store.resolve(name) for name in names} == dict.fromkeys(names, first)
    assert store.resolve("HEAD") == second
    assert store.merge_base(first, second) == first
    assert store.read(store.tree_of(first), "a.py") == b"one\ntwo\nthree\n"


@pytest.mark.parametrize(
    "revision",
    ["nowhere", "--help", "-n1", "", "HEAD:a.py", "HEAD\nHEAD", "a..b", "\x1b[2J", "a\0b", "\udce9"],
)
def test_what_is_not_a_commit_is_refused_with_a_hint(project: Project, revision: str) -> None:
    with pytest.raises(RepositoryError) as caught:
        project.store().resolve(revision)
    assert caught.value.hint
    assert "\x1b" not in caught.value.message


def test_a_commit_made_after_opening_is_found(project: Project) -> None:
    store = project.store()
    project.write("a.py", "later\n")
    later = project.commit("later")
    assert store.read(store.tree_of(store.resolve("HEAD")), "a.py") == b"later\n"
    assert store.snapshot().commit == later


def test_an_older_commit_of_a_shallow_clone_is_refused_until_it_is_deepened(
    project: Project, tmp_path: Path
) -> None:
    for number in range(4):
        project.write("a.py", f"{number}\n")
        project.commit(str(number))
    project.git("tag", "v1.0", "HEAD~4")
    clone = Project(tmp_path / "clone", project.state)
    project.git("clone", "-q", "--depth=2", f"file://{project.root}", str(clone.root))
    store = clone.store()
    assert store.snapshot().commit == project.git("rev-parse", "HEAD")
    assert store.resolve("HEAD~1") == project.git("rev-parse", "HEAD~1")
    with pytest.raises(RepositoryError) as caught:
        store.resolve("HEAD~3")
    assert "--unshallow" in caught.value.hint
    clone.git("fetch", "-q", "--unshallow", "--tags")
    old, head = store.resolve("HEAD~3"), store.snapshot().head
    assert store.merge_base(old, head) == old
    assert store.describe(head).startswith("1.1.dev4+g")


def test_a_partial_clone_that_misses_objects_is_refused_and_never_fetches(
    project: Project, tmp_path: Path
) -> None:
    project.write("old.py", "old\n")
    project.commit("old")
    (project.root / "old.py").unlink()
    project.commit("gone")
    project.git("config", "uploadpack.allowFilter", "true")
    clone = Project(tmp_path / "clone", project.state)
    project.git("clone", "-q", "--filter=blob:none", f"file://{project.root}", str(clone.root))
    clone.git("config", "remote.origin.url", f"ext::sh -c 'touch {tmp_path}/fetched'")
    with pytest.raises(RepositoryError, match="partial clone") as caught:
        clone.store().snapshot()
    assert "--refetch" in caught.value.hint
    assert not (tmp_path / "fetched").exists()


def test_alternates_of_the_user_are_followed(project: Project, tmp_path: Path) -> None:
    clone = Project(tmp_path / "clone", project.state)
    project.git("clone", "-q", "--shared", str(project.root), str(clone.root))
    assert clone.store().read(clone.store().snapshot().tree, "a.py") == b"one\ntwo\nthree\n"


def test_replace_refs_do_not_change_what_is_read(project: Project) -> None:
    first = project.git("rev-parse", "HEAD:a.py")
    other = project.git("hash-object", "-w", "--stdin", stdin=b"replaced\n")
    project.git("replace", first, other)
    store = project.store()
    assert store.read(store.snapshot().tree, "a.py") == b"one\ntwo\nthree\n"


def test_objects_written_by_us_never_land_in_the_users_repository(project: Project) -> None:
    store = project.store()
    before = project.fingerprint()
    tree = store.write(store.snapshot().tree, {"n/w.py": b"new\n", "a.py": None, "pkg/b.py": b"2\n"})
    assert {path: store.read(tree, path) for path in store.list(tree)} == {
        "n/w.py": b"new\n",
        "pkg/b.py": b"2\n",
    }
    assert project.fingerprint() == before


def test_bytes_keep_the_mode_and_entries_bring_their_own(project: Project) -> None:
    project.write("run.sh", "a\n").chmod(0o755)
    project.commit()
    store = project.store()
    base = store.snapshot().tree
    tree = store.write(base, {"run.sh": b"b\n", "link": Entry("120000", store.list(base)["a.py"].blob)})
    assert (store.list(tree)["run.sh"].mode, store.list(tree)["link"].mode) == ("100755", "120000")


def test_a_file_cannot_take_a_directorys_place_unnoticed(project: Project) -> None:
    store = project.store()
    base = store.snapshot().tree
    for changes in ({"pkg": b""}, {"a.py/x": b""}, {"n": b"", "n/m": b""}):
        with pytest.raises(RepositoryError):
            store.write(base, changes)
    assert store.list(store.write(base, {"pkg": b"", "pkg/b.py": None})).keys() == {"a.py", "pkg"}


def test_edits_change_their_bytes_and_nothing_else(project: Project) -> None:
    content = b"\xef\xbb\xbfone\r\ntwo\xff\x00\xe2\x80\xa8three"
    project.write("mixed.py", content)
    store = project.store()
    base = store.snapshot().tree
    edits: list[Edit] = [
        Splice(path="mixed.py", start=8, old=b"two", new=b"TWO!"),
        Splice(path="mixed.py", start=0, old=b"", new=b"#"),
        Create(path="tool.sh", content=b"x", executable=True),
        Delete(path="a.py", old=b"one\ntwo\nthree\n"),
    ]
    tree = store.apply(base, edits)
    assert store.read(tree, "mixed.py") == b"#\xef\xbb\xbfone\r\nTWO!\xff\x00\xe2\x80\xa8three"
    assert (store.list(tree)["tool.sh"].mode, "a.py" in store.list(tree)) == ("100755", False)


@pytest.mark.parametrize(
    "edit",
    [
        Splice(path="a.py", start=1, old=b"one", new=b""),
        Splice(path="a.py", start=13, old=b"\n\n", new=b""),
        Splice(path="missing.py", start=0, old=b"", new=b"x"),
        Splice(path="pkg", start=0, old=b"", new=b"x"),
        Splice(path="link", start=0, old=b"", new=b"x"),
        Create(path="a.py", content=b""),
        Create(path="pkg", content=b""),
        Create(path="a.py/inside", content=b""),
        Create(path="link/inside", content=b""),
        Create(path="sub/inside", content=b""),
        Create(path="../outside", content=b""),
        Create(path="/etc/passwd", content=b""),
        Create(path=".git/config", content=b""),
        Create(path="pkg/.GIT/hooks/pre-commit", content=b""),
        Create(path=".g\u200cit/config", content=b""),
        Create(path="git~1/config", content=b""),
        Create(path=".git /config", content=b""),
        Create(path=".git::$INDEX_ALLOCATION/config", content=b""),
        Delete(path="a.py", old=b"other"),
        Delete(path="missing.py", old=b""),
    ],
    ids=lambda edit: f"{edit.kind} {edit.path!a}",
)
def test_an_edit_that_does_not_fit_is_refused_with_the_reason(project: Project, edit: Edit) -> None:
    (project.root / "link").symlink_to("/tmp")
    project.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    (project.root / "sub").mkdir()
    store = project.store()
    base = store.snapshot().tree
    good = Create(path="good.py", content=b"")
    with pytest.raises(PatchRefused) as caught:
        store.apply(base, [good, edit])
    assert edit.path.isascii() is False or edit.path.split("/")[0] in caught.value.message


def test_a_path_is_edited_in_one_way_only(project: Project) -> None:
    store = project.store()
    base = store.snapshot().tree
    content = store.read(base, "a.py")
    splice = Splice(path="a.py", start=0, old=b"one", new=b"1")
    with pytest.raises(PatchRefused):
        store.apply(base, [splice, Delete(path="a.py", old=content)])
    with pytest.raises(PatchRefused):
        store.apply(base, [splice, splice])
    with pytest.raises(PatchRefused):
        store.apply(base, [Create(path="n", content=b""), Create(path="n/m", content=b"")])


CONTENTS = {
    "crlf": (b"one\r\ntwo\r\n", b"one\r\n2\r\n"),
    "no final newline": (b"one\ntwo", b"one\ntwo\nthree"),
    "byte order mark": (b"\xef\xbb\xbfone\n", b"\xef\xbb\xbftwo\n"),
    "latin-1": (LATIN, LATIN.replace(b"n", b"N")),
    "latin-1 out of the hunk": (LATIN + b"x\n" * 20 + b"a\n", LATIN + b"x\n" * 20 + b"b\n"),
    "line separator": ("a\u2028b\nc\n".encode(), "a\u2028b\nd\n".encode()),
    "nul": (b"a\0b\n", b"a\0c\n"),
    "carriage returns": (b"a\rb\rc", b"a\rB\rc"),
    "header look-alike": (b"--- a/x\n+++ b/x\n", b"--- a/y\ndiff --git a/x b/x\n+++ b/y\n"),
    "empty to full": (b"", b"x"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_git_apply_of_a_diff_gives_the_same_bytes(project: Project, name: str, tmp_path: Path) -> None:
    old, new = CONTENTS[name]
    project.write("f.txt", old)
    project.write("ünï\n.txt", old)
    project.commit()
    store = project.store()
    base = store.snapshot().tree
    tree = store.write(base, {"f.txt": new, "ünï\n.txt": new, "added": new, "a.py": None})
    patch = store.diff(base, tree)
    file = tmp_path / "p.diff"
    file.write_bytes(patch.diff.encode())
    project.git("apply", "--index", str(file))
    assert project.git("write-tree") == tree
    assert (patch.base, patch.tree, patch.files) == (base, tree, ("a.py", "added", "f.txt", "ünï\n.txt"))


_BYTES = st.lists(
    st.sampled_from(
        [b"a", b"b\n", b"\r\n", b"\r", b"\xef\xbb\xbf", b"\xe9", "\u2028é".encode(), b"\0", b"\\", b"-- \n"]
    ),
    max_size=12,
).map(b"".join)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_BYTES, _BYTES), min_size=1, max_size=15))
def test_any_bytes_survive_edit_diff_and_git_apply(
    project: Project, pairs: list[tuple[bytes, bytes]]
) -> None:
    for number, (old, _) in enumerate(pairs):
        project.write(f"f{number}", old)
    project.git("add", "-A")
    store = project.store()
    base = store.snapshot().tree
    edits = [Splice(path=f"f{n}", start=0, old=old, new=new) for n, (old, new) in enumerate(pairs)]
    tree = store.apply(base, edits)
    assert all(store.read(tree, f"f{number}") == new for number, (_, new) in enumerate(pairs))
    diff = store.diff(base, tree).diff.encode()
    if diff:
        project.git("apply", "--index", "-", stdin=diff)
    assert project.git("write-tree") == tree


def test_mode_and_type_changes_are_in_the_diff(project: Project, tmp_path: Path) -> None:
    store = project.store()
    base = store.snapshot().tree
    old = store.list(base)
    link = Entry("120000", store.list(store.write(base, {"t": b"a.py"}))["t"].blob)
    tree = store.write(base, {"a.py": Entry("100755", old["a.py"].blob), "pkg/b.py": link})
    (tmp_path / "p.diff").write_text(store.diff(base, tree).diff)
    project.git("apply", "--index", str(tmp_path / "p.diff"))
    assert project.git("write-tree") == tree
    assert store.changed(base, tree) == ("a.py", "pkg/b.py")


def test_no_change_is_an_empty_patch(project: Project) -> None:
    store = project.store()
    tree = store.snapshot().tree
    patch = store.diff(tree, tree)
    assert (patch.diff, patch.files, patch.empty) == ("", (), True)


def _unpacked(store: Store, tree: str) -> dict[str, tarfile.TarInfo | bytes]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(store.archive(tree)))) as archive:
        members: dict[str, tarfile.TarInfo | bytes] = {}
        for member in archive:
            file = archive.extractfile(member) if member.isreg() else None
            members[member.name.rstrip("/")] = file.read() if file else member
    return members


def test_an_archive_shows_a_checkout_and_no_attribute_leaves_a_file_out(project: Project) -> None:
    project.write(
        ".gitattributes",
        "*.bat text eol=crlf\n*.log export-ignore\n*.id ident export-subst\n*.x filter=x\n"
        "*.u working-tree-encoding=UTF-16LE\n"
        "[attr]all export-ignore\nmacro all\n",
    )
    for name, text in {
        "r.bat": "a\nb\n",
        "k.log": "kept\n",
        "v.id": "$Id$ $Format:%H$\n",
        "f.x": "x\n",
        "macro": "m\n",
    }.items():
        project.write(name, text)
    project.write("w.u", "hé\n".encode("utf-16-le"))
    (project.root / "link").symlink_to("../../etc/passwd")
    project.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    (project.root / "sub").mkdir()
    store = project.store()
    members = _unpacked(store, store.snapshot().tree)
    expected = {
        "r.bat": b"a\r\nb\r\n",
        "k.log": b"kept\n",
        "v.id": b"$Id$ $Format:%H$\n",
        "f.x": b"x\n",
        "macro": b"m\n",
        "w.u": "hé\n".encode("utf-16-le"),
    }
    assert {name: members[name] for name in expected} == expected
    link, sub = members["link"], members["sub"]
    assert isinstance(link, tarfile.TarInfo) and link.issym() and link.linkname == "../../etc/passwd"
    assert isinstance(sub, tarfile.TarInfo) and sub.isdir()


def test_an_archive_can_be_left_early(project: Project) -> None:
    project.write("big", b"x" * 5_000_000)
    store = project.store()
    archive = store.archive(store.snapshot().tree)
    assert next(iter(archive))
    archive.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("described", "version"),
    [
        ("v1.2.3-0-gabc", "1.2.3"),
        ("1.2-5-gabc", "1.3.dev5+gabc"),
        ("v1.2.3-4-gabc", "1.2.4.dev4+gabc"),
        ("release-1.2-0-gabc", "1.2"),
        ("my-pkg-2.0-1-gabc", "2.1.dev1+gabc"),
        ("pkg/v2.0.1-1-gabc", "2.0.2.dev1+gabc"),
        ("1.0rc1-2-gabc", "1.0rc2.dev2+gabc"),
        ("1.0.post1-2-gabc", "1.0.post2.dev2+gabc"),
        ("2.0.dev0-7-gabc", "2.0.dev7+gabc"),
        ("nightly2-3-gabc", ""),
        ("v-3-gabc", ""),
        ("", ""),
    ],
)
def test_versions_are_guessed_as_setuptools_scm_does(described: str, version: str) -> None:
    assert version_of(described) == version


def test_the_version_comes_from_the_users_tags(project: Project) -> None:
    store = project.store()
    assert store.describe(store.snapshot().commit) == ""
    project.git("tag", "v1.2.0")
    assert store.describe(store.snapshot().commit) == "1.2.0"
    project.write("a.py", "dirty\n")
    snapshot = store.snapshot()
    assert store.describe(snapshot.commit) == f"1.2.1.dev1+g{snapshot.commit[:9]}"
    project.git("tag", "-d", "v1.2.0")
    assert store.describe(store.snapshot().commit) == ""


def test_settings_of_the_caller_do_not_reach_git(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE", "GIT_NAMESPACE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.bare")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "nonsense")
    project.write("a.py", "changed\n")
    store = project.store()
    assert store.read(store.snapshot().tree, "a.py") == b"changed\n"


def test_two_processes_may_open_one_repository(project: Project) -> None:
    code = (
        "import sys; from pathlib import Path; from agent.repo.store import Store;"
        "print(Store.open(Path(sys.argv[1]), Path(sys.argv[2])).snapshot().tree)"
    )
    root = Path(__file__).parents[2]
    argv = [sys.executable, "-c", code, str(project.root), str(project.state)]
    running = [subprocess.Popen(argv, cwd=root, stdout=subprocess.PIPE) for _ in range(4)]
    printed = {process.communicate()[0].strip() for process in running}
    assert printed == {project.git("rev-parse", "HEAD^{tree}").encode()}
