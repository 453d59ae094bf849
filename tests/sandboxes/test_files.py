"""Files go into any sandbox and results come out, whatever was planted in the workspace."""

import io
import subprocess
import tarfile

import pytest

from sandboxes.errors import SandboxError, SandboxLost
from sandboxes.sandbox import MIB, WORKSPACE, Command


def tar(members: list[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.PAX_FORMAT) -> list[bytes]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for info, data in members:
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    data = buffer.getvalue()
    return [data[start : start + 1000] for start in range(0, len(data), 1000)]


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def out(sandbox, *argv: str) -> str:
    result = sandbox.run(Command(argv))
    assert result.ok, result.stderr.text
    return result.stdout.text


def test_a_tree_arrives_with_modes_links_and_odd_names(fresh):
    long = "d" * 90 + "/" + "e" * 90 + "/" + "f" * 90
    fresh.unpack(
        tar(
            [
                member("plain", b"text\r\n"),
                member("tool", b"#!/bin/sh\necho ran\n", mode=0o775),
                member("empty", type=tarfile.DIRTYPE, mode=0o755),
                member("deep/dir/file", b"x"),
                member("link", type=tarfile.SYMTYPE, linkname="deep/dir"),
                member("ünïcode \n name", b"u"),
                member("bytes \udcff", b"b"),
                member(long, b"long"),
            ]
        )
    )
    assert fresh.read("**", 10_000) == {
        "plain": b"text\r\n",
        "tool": b"#!/bin/sh\necho ran\n",
        "deep/dir/file": b"x",
        "ünïcode \n name": b"u",
        "bytes \udcff": b"b",
        long: b"long",
    }
    assert out(fresh, "./tool") == "ran\n"
    assert out(fresh, "readlink", "link") == "deep/dir\n"
    assert out(fresh, "cat", "link/file") == "x"
    assert out(fresh, "stat", "-c", "%a %F", "plain", "tool", "empty").splitlines() == [
        "644 regular file",
        "755 regular file",
        "755 directory",
    ]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_common_form_of_tar_is_read(fresh, form):
    name = "/".join("n" * 80 for _ in range(3)) if form != tarfile.USTAR_FORMAT else "n" * 80 + "/" + "m" * 80
    fresh.unpack(
        tar([member(name, b"data" * 1000), member("s", type=tarfile.SYMTYPE, linkname="n" * 99)], form)
    )
    assert fresh.read("n*/**", 10_000) == {name: b"data" * 1000}


def test_an_archive_made_by_git_is_read(fresh, tmp_path):
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    for argv in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=b", "commit", "-q", "--allow-empty", "-m", "empty"],
    ):
        subprocess.run(["git", *argv], cwd=tmp_path, check=True, env=env)
    (tmp_path / ("dir" * 40)).mkdir()
    (tmp_path / ("dir" * 40) / "file").write_bytes(b"in git")
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True, env=env)
    tree = subprocess.run(["git", "write-tree"], cwd=tmp_path, check=True, env=env, capture_output=True)
    argv = ["git", "archive", tree.stdout.decode().strip()]
    fresh.unpack([subprocess.run(argv, cwd=tmp_path, check=True, env=env, capture_output=True).stdout])
    assert fresh.read("**", 1000) == {"dir" * 40 + "/file": b"in git"}


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "a/../../out", "..", ""])
def test_a_member_that_leaves_the_tree_is_refused(fresh, name):
    with pytest.raises(SandboxError):
        fresh.unpack(tar([member(name, b"x")]))
    with pytest.raises(SandboxError):
        fresh.put({name: b"x"})
    with pytest.raises(SandboxError):
        fresh.read(name, 10)


def test_a_link_is_never_written_through(fresh):
    fresh.run(Command(("mkdir", "real")))
    escape = member("escape", type=tarfile.SYMTYPE, linkname="real")
    with pytest.raises(SandboxError):
        fresh.unpack(tar([escape, member("escape/file", b"x")]))
    with pytest.raises(SandboxError):
        fresh.put({"escape/file": b"x"})
    assert fresh.read("real/**", 100) == {}


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_a_member_that_is_no_file_directory_or_link_is_refused(fresh, kind):
    with pytest.raises(SandboxError):
        fresh.unpack(tar([member("node", type=kind)]))


def test_a_broken_stream_is_refused_and_the_sandbox_lives_on(fresh):
    with pytest.raises(SandboxError):
        fresh.unpack(iter([b"not a tar" * 200]))
    with pytest.raises(SandboxError):
        fresh.unpack(tar([member("cut", b"x" * 5000)])[:2])
    fresh.unpack(tar([member("whole", b"x")]))
    assert fresh.read("whole", 10) == {"whole": b"x"}


def test_a_hard_link_becomes_a_file_of_its_own(fresh):
    fresh.unpack(tar([member("one", b"same"), member("two", type=tarfile.LNKTYPE, linkname="one")]))
    fresh.put({"two": b"other"})
    assert fresh.read("*", 100) == {"one": b"same", "two": b"other"}


def test_files_are_put_replaced_and_removed(fresh):
    fresh.put({"new/deep/file": b"1", "gone": b"2", "empty": b""})
    fresh.put({"new/deep/file": b"3", "gone": None, "never/was": None})
    assert fresh.read("**", 100) == {"new/deep/file": b"3", "empty": b""}


def test_a_replaced_program_stays_executable(fresh):
    fresh.unpack(tar([member("tool", b"#!/bin/sh\necho old\n", mode=0o755)]))
    fresh.put({"tool": b"#!/bin/sh\necho new\n"})
    assert out(fresh, "./tool") == "new\n"


def test_no_two_versions_of_a_file_share_the_second_that_bytecode_trusts(fresh):
    load = Command(("python3", "-c", "import module; print(module.VALUE)"))
    for value in "1234":
        fresh.put({"module.py": f"VALUE = {value}\n".encode()})
        assert fresh.run(load).stdout.text == f"{value}\n"


def test_a_file_planted_as_a_link_is_replaced_not_followed(fresh):
    fresh.run(Command(("sh", "-c", "echo safe > victim; ln -s victim file; ln victim hard")))
    fresh.put({"file": b"new", "hard": b"new"})
    assert fresh.read("*", 100) == {"file": b"new", "hard": b"new", "victim": b"safe\n"}


def test_reading_takes_regular_files_only_and_follows_nothing(fresh):
    plant = (
        "echo real > real; mkdir sub; echo in > sub/in; ln -s real link; ln -s sub dirlink; ln -s / root;"
        "mkfifo pipe; ln -s /etc/passwd passwd; touch unreadable; chmod 0 unreadable; rm -f unreadable"
    )
    fresh.run(Command(("sh", "-c", plant)))
    assert fresh.read("**", 1000) == {"real": b"real\n", "sub/in": b"in\n"}
    assert fresh.read("root/etc/passwd", 1000) == {}
    assert fresh.read("dirlink/in", 1000) == {}


def test_an_endlessly_deep_or_closed_tree_does_not_hurt_the_reader(fresh):
    dig = "import os\nfor _ in range(1200):\n os.mkdir('d')\n os.chdir('d')"
    assert fresh.run(Command(("python3", "-c", dig))).ok
    fresh.run(Command(("sh", "-c", "mkdir closed; echo x > closed/file; chmod 0 closed; echo y > open")))
    assert fresh.read("**", 100)["open"] == b"y\n"
    fresh.put({"d/" * 1200 + "file": b"deep"})
    assert fresh.run(Command(("rm", "-rf", "d"))).ok


def test_a_pattern_selects_by_name_and_depth(fresh):
    fresh.put(dict.fromkeys(("a.py", "b.txt", "x/c.py", "x/y/d.py", ".hidden/e.py"), b""))
    assert set(fresh.read("*.py", 10)) == {"a.py"}
    assert set(fresh.read("x/*.py", 10)) == {"x/c.py"}
    assert set(fresh.read("**/*.py", 10)) == {"a.py", "x/c.py", "x/y/d.py", ".hidden/e.py"}
    assert set(fresh.read("x/**", 10)) == {"x/c.py", "x/y/d.py"}
    assert set(fresh.read("[ab].*", 10)) == {"a.py", "b.txt"}


def test_reading_is_bounded_over_all_files(fresh):
    fresh.put({"a": b"1" * 60, "b": b"2" * 60, "c": b"3" * 40})
    assert fresh.read("*", 100) == {"a": b"1" * 60, "c": b"3" * 40}


def test_a_workspace_that_is_full_refuses_a_tree_in_one_sentence(kit):
    if kit.backend.kind == "process":
        assert "workspace" in kit.backend.probe().missing_limits
        return
    sandbox = kit.open()
    with pytest.raises(SandboxError) as refused:
        sandbox.unpack(tar([member("big", b"x" * (80 * MIB))]))
    sandbox.close()
    assert refused.value.hint


def test_a_large_tree_arrives_byte_by_byte(fresh):
    files = {f"dir{n % 40}/file{n}": bytes([n % 256]) * (n * 11) for n in range(1600)}
    fresh.unpack(tar([member(name, data) for name, data in files.items()]))
    assert fresh.read("**", 64 * MIB) == files


def test_a_tree_can_be_unpacked_below_another_folder(fresh):
    fresh.unpack(tar([member("file", b"x")]), target=f"{WORKSPACE}/sub/folder")
    assert fresh.read("**", 10) == {"sub/folder/file": b"x"}


def test_a_tree_that_breaks_off_ends_the_sandbox_rather_than_leave_it_out_of_step(kit):
    def broken():
        yield from tar([member("first", b"x")])[:1]
        raise ZeroDivisionError

    sandbox = kit.open()
    with pytest.raises(ZeroDivisionError):
        sandbox.unpack(broken())
    with pytest.raises(SandboxLost):
        sandbox.read("*", 10)
