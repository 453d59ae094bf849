"""A repository whose git configuration runs programs never gets one run on the host by us."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agent.index.code_index import CodeIndex
from agent.protocol.edit import Create, Splice
from agent.protocol.errors import PatchRefused, RepositoryError
from agent.repo.delivery import apply_to_checkout, deliver, undo
from agent.repo.store import Store

HOOKS = [
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "pre-receive",
    "update",
    "proc-receive",
    "post-receive",
    "post-update",
    "reference-transaction",
    "push-to-checkout",
    "pre-auto-gc",
    "post-rewrite",
    "sendemail-validate",
    "fsmonitor-watchman",
    "post-index-change",
]
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
}
RUN = "RUN"
"""Stands for the marking program in the plants below."""


@dataclass(frozen=True)
class Plant:
    """Settings that make git run a program, and the plain git command that shows that they do."""

    name: str
    settings: dict[str, str]
    trigger: tuple[str, ...] = ()
    """Empty where showing it takes a network or a terminal."""
    attributes: str = ""
    setup: tuple[tuple[str, ...], ...] = field(default=())


EXT = {"protocol.ext.allow": "always", "protocol.allow": "always"}
PLANTS = [
    Plant("fsmonitor", {"core.fsmonitor": RUN}, ("status",)),
    Plant("clean", {"filter.evil.clean": RUN}, ("add", "f.x"), "*.x filter=evil"),
    Plant("smudge", {"filter.evil.smudge": RUN}, ("archive", "HEAD"), "*.x filter=evil"),
    Plant("process", {"filter.proc.process": RUN}, ("add", "f.x"), "*.x filter=proc"),
    Plant("external", {"diff.external": RUN}, ("diff", "HEAD")),
    Plant("command", {"diff.evil.command": RUN}, ("diff", "HEAD"), "*.py diff=evil"),
    Plant("textconv", {"diff.evil.textconv": RUN}, ("diff", "HEAD"), "*.py diff=evil"),
    Plant(
        "driver",
        {"merge.evil.driver": RUN},
        ("merge", "side"),
        "b.py merge=evil",
        (("checkout", "-q", "-f", "main"),),
    ),
    Plant(
        "mergedefault",
        {"merge.default": "evil2", "merge.evil2.driver": RUN},
        ("merge", "side"),
        "",
        (("checkout", "-q", "-f", "main"),),
    ),
    Plant("gpg", {"gpg.program": RUN, "commit.gpgSign": "true"}, ("commit", "--allow-empty", "-m", "x")),
    Plant(
        "gpgssh",
        {"gpg.format": "ssh", "gpg.ssh.program": RUN, "user.signingKey": "key::x", "commit.gpgSign": "true"},
        ("commit", "--allow-empty", "-m", "x"),
    ),
    Plant("sshcommand", {"core.sshCommand": RUN}, ("ls-remote", "ssh://localhost/x")),
    Plant("gitproxy", {"core.gitProxy": RUN}, ("ls-remote", "git://localhost/x")),
    Plant("ext", {"remote.origin.url": f"ext::{RUN}", **EXT}, ("fetch", "origin")),
    Plant(
        "insteadof",
        {f"url.ext::{RUN} .insteadOf": "file://", "remote.origin.url": "file:///x", **EXT},
        ("fetch", "origin"),
    ),
    Plant("uploadpack", {"remote.origin.uploadpack": RUN, "remote.origin.url": "/"}, ("fetch", "origin")),
    Plant("vcs", {"remote.origin.vcs": "ext", "remote.origin.url": RUN, **EXT}, ("fetch", "origin")),
    Plant(
        "lazy",
        {"remote.lazy.url": f"ext::{RUN}", "remote.lazy.promisor": "true", **EXT},
        ("cat-file", "-p", "1" * 40),
    ),
    Plant("alternaterefs", {"core.alternateRefsCommand": RUN}, ("fetch", ".", "HEAD")),
    Plant("editor", {"core.editor": RUN}, ("commit", "--allow-empty")),
    Plant("sequence", {"sequence.editor": RUN}, ("rebase", "-i", "--autostash", "HEAD~1")),
    Plant(
        "trailer",
        {"trailer.t.key": "T", "trailer.t.command": RUN},
        ("interpret-trailers", "--trailer", "t=1"),
    ),
    Plant("alias", {"alias.st": f"!{RUN}"}, ("st",)),
    Plant("credential", {"credential.helper": f"!{RUN}"}, ("credential", "fill")),
    Plant("askpass", {"core.askPass": RUN}, ("credential", "fill")),
    Plant("pager", {"core.pager": RUN, "pager.diff": RUN}),
    Plant("difffilter", {"interactive.diffFilter": RUN}),
    Plant("packobjects", {"uploadpack.packObjectsHook": RUN}),
    Plant("difftool", {"diff.tool": "e", "difftool.e.cmd": RUN}, ("difftool", "-y", "HEAD")),
    Plant("hookspath", {"core.hooksPath": "evil-hooks"}, ("update-ref", "refs/heads/new", "HEAD")),
]


class Hostile:
    """A repository with plants in it; every planted program leaves a marker."""

    def __init__(self, base: Path) -> None:
        self.root = base / "repo"
        self.markers = base / "markers"
        self.programs = base / "programs"
        for directory in (self.root, self.markers, self.programs):
            directory.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.org")
        self._commits()

    def git(self, *args: str, check: bool = True) -> None:
        """Run plain git, as a user or another tool would."""
        subprocess.run(
            ["git", *args],
            cwd=self.root,
            env=_ENVIRONMENT,
            check=check,
            capture_output=True,
            input=b"protocol=https\nhost=localhost\n\n",
            timeout=5,
        )

    def program(self, name: str) -> str:
        """Make a program that leaves a marker of that name."""
        file = self.programs / name
        file.write_text(f"#!/bin/sh\ntouch {self.markers}/{name}\nexit 1\n")
        file.chmod(0o755)
        return str(file)

    def plant(self, plant: Plant) -> None:
        """Put the settings of a plant into the repository's own configuration."""
        for key, value in plant.settings.items():
            program = self.program(plant.name)
            section, _, option = key.replace(RUN, program).rpartition(".")
            self.git("config", "--add", f"{section}.{option}", value.replace(RUN, program))
        if plant.attributes:
            with (self.root / ".git/info/attributes").open("a") as file:
                file.write(plant.attributes + "\n")

    def plant_hooks(self) -> None:
        """Put a program in the place of every hook, in both places where git may look."""
        for directory in (
            self.root / ".git/hooks",
            self.root / "evil-hooks",
            self.root / ".git/../evil-hooks",
        ):
            directory.mkdir(exist_ok=True)
            for hook in HOOKS:
                shutil.copy2(self.program(f"hook-{hook}"), directory / hook)

    def plant_include(self) -> None:
        """Put a second configuration next to the first, named by an include and by an extension."""
        included = self.root / "included.cfg"
        program = self.program("included")
        included.write_text(
            f"[core]\n\tfsmonitor = {program}\n\tsshCommand = {program}\n"
            f"\thooksPath = {self.root}/evil-hooks\n"
            f"[diff]\n\texternal = {program}\n"
        )
        self.git("config", "include.path", str(included))
        self.git("config", "core.repositoryFormatVersion", "1")
        self.git("config", "extensions.worktreeConfig", "true")
        shutil.copy2(included, self.root / ".git/config.worktree")

    def plant_neighbours(self) -> None:
        """Put a hostile submodule, nested repository and bare repository into the working tree."""
        program = self.program("submodule")
        (self.root / ".gitmodules").write_text(
            f'[submodule "s"]\n\tpath = s\n\turl = ext::{program}\n\tupdate = !{program}\n\tignore = none\n'
        )
        for name in ("s", "nested"):
            self.git("init", "-q", name)
            for key in ("core.fsmonitor", "diff.external", "core.hooksPath"):
                self.git("-C", name, "config", key, program)
        calm = ("-c", "core.fsmonitor=", "-c", "core.hooksPath=")
        who = ("-c", "user.name=x", "-c", "user.email=x")
        self.git("-C", "s", *calm, *who, "commit", "-q", "--allow-empty", "-m", "x")
        self.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},s")
        self.git("init", "-q", "--bare", "bare.git")
        self.git("--git-dir", str(self.root / "bare.git"), "config", "core.fsmonitor", program)

    def marked(self) -> set[str]:
        """Return the names of the programs that ran."""
        return {path.name for path in self.markers.iterdir()}

    def forget(self) -> None:
        """Remove all markers."""
        for path in self.markers.iterdir():
            path.unlink()

    def _commits(self) -> None:
        for name, text in {"a.py": "one\ntwo\n", "b.py": "b\n", "f.x": "x\n"}.items():
            (self.root / name).write_text(text)
        (self.root / ".gitattributes").write_text("*.x filter=evil\n*.py diff=evil\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "first")
        self.git("tag", "v1.0")
        self.git("branch", "side")
        for branch, text in {"side": "side\n", "main": "main\n"}.items():
            self.git("checkout", "-q", branch)
            (self.root / "b.py").write_text(text)
            self.git("commit", "-q", "-am", branch)
        (self.root / "a.py").write_text("one\nTWO\n")
        (self.root / "f.x").write_text("changed\n")
        (self.root / "alternate").mkdir()
        self.git("init", "-q", "--bare", "alternate/x.git")
        (self.root / ".git/objects/info").mkdir(exist_ok=True)
        (self.root / ".git/objects/info/alternates").write_text(f"{self.root}/alternate/x.git/objects\n")


@pytest.mark.parametrize("plant", [plant for plant in PLANTS if plant.trigger], ids=lambda plant: plant.name)
def test_each_plant_would_run_under_plain_git(tmp_path: Path, plant: Plant) -> None:
    hostile = Hostile(tmp_path)
    for command in plant.setup:
        hostile.git(*command)
    hostile.plant(plant)
    if plant.name == "hookspath":
        hostile.plant_hooks()
    hostile.git(*plant.trigger, check=False)
    expected = "hook-reference-transaction" if plant.name == "hookspath" else plant.name
    assert expected in hostile.marked()


@pytest.fixture
def hostile(tmp_path: Path) -> Hostile:
    """Make a repository with everything in it at once."""
    made = Hostile(tmp_path)
    made.plant_neighbours()
    made.plant_hooks()
    for plant in PLANTS:
        made.plant(plant)
    made.plant_include()
    made.git("status", check=False)
    assert made.marked(), "the plants are dead: the test below would prove nothing"
    made.forget()
    return made


def test_nothing_planted_runs_on_the_way_from_opening_to_undoing(
    hostile: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "GIT_EXTERNAL_DIFF",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "GIT_EDITOR",
        "GIT_PAGER",
        "GIT_PROXY_COMMAND",
    ):
        monkeypatch.setenv(name, hostile.program("environment"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", hostile.program("environment"))
    store = Store.open(hostile.root, tmp_path / "state")
    snapshot = store.snapshot()
    assert snapshot.dirty
    head, side = store.resolve("HEAD"), store.resolve("side")
    store.merge_base(head, side)
    assert store.describe(head) == "1.1.dev1+g" + head[:9]
    assert store.diff(store.tree_of(side), snapshot.tree).diff
    assert b"".join(store.archive(snapshot.tree))
    tree = store.apply(snapshot.tree, [Splice(path="a.py", start=0, old=b"one", new=b"ONE")])
    patch = store.diff(snapshot.tree, tree)
    commit = deliver(store, snapshot, patch, branch="ratchet/t", message="Fix", task_id="t")
    (hostile.root / "b.py").write_text("moved on\n")
    applied = apply_to_checkout(store, snapshot, patch, task_id="t")
    assert not applied.exact
    assert (hostile.root / "a.py").read_text() == "ONE\nTWO\n"
    undo(store)
    assert store.resolve("ratchet/t") == commit
    assert hostile.marked() == set()


def test_nothing_planted_runs_while_a_repository_is_indexed(hostile: Hostile, tmp_path: Path) -> None:
    for _ in range(2):
        with CodeIndex(Store.open(hostile.root, tmp_path / "state")) as index:
            assert "a.py" in index.view().files()
            assert "a.py" in index.view("side").files()
    assert hostile.marked() == set()


def test_a_missing_object_is_an_error_and_fetches_nothing(hostile: Hostile, tmp_path: Path) -> None:
    for file in (hostile.root / ".git/objects").glob("??/*"):
        if file.stat().st_size < 30:
            file.unlink()
    with pytest.raises(RepositoryError) as caught:
        Store.open(hostile.root, tmp_path / "state").snapshot()
    assert caught.value.hint
    assert hostile.marked() == set()


def test_a_git_file_that_points_at_a_hostile_directory_runs_nothing(hostile: Hostile, tmp_path: Path) -> None:
    pointed = tmp_path / "pointed"
    pointed.mkdir()
    (pointed / ".git").write_text(f"gitdir: {hostile.root}/.git\n")
    (pointed / "a.py").write_text("other\n")
    store = Store.open(pointed, tmp_path / "state")
    store.diff(store.tree_of(store.snapshot().head), store.snapshot().tree)
    assert hostile.marked() == set()


@pytest.mark.parametrize(
    "path",
    [
        *(
            ".git/config",
            ".git/hooks/pre-commit",
            ".GIT/config",
            ".git./config",
            ".git ",
            "git~1/config",
            "GIT~1",
        ),
        *("x/.git/config", ".g\u200cit/config", ".git::$INDEX_ALLOCATION/x", "../x", "/x", "x/../../y"),
        *("a\0b", "a\nb", "out/x", "", ".", "./x", "x//y", "x\\..\\y", "C:x"),
    ],
)
def test_a_patch_that_leaves_the_tree_or_touches_git_is_refused(tmp_path: Path, path: str) -> None:
    hostile = Hostile(tmp_path)
    (hostile.root / "out").symlink_to(tmp_path)
    store = Store.open(hostile.root, tmp_path / "state")
    with pytest.raises(PatchRefused) as caught:
        store.apply(store.snapshot().tree, [Create(path=path, content=b"evil")])
    assert caught.value.message
