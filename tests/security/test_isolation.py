"""Code in an isolating sandbox tries to get out: every attempt is refused."""

import json
import os
import platform
import shutil
import socket
import subprocess
import threading
import uuid
from pathlib import Path

import pytest

from sandboxes.sandbox import GUEST, Command, Ending, Mount
from sandboxes.seccomp import REFUSED

REFUSALS = """
import ctypes, json, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def tried(act):
    try:
        return act() or "done"
    except OSError as error:
        return error.errno and "refused"
    except ValueError as error:
        return "refused" if "not allowed" in str(error) else str(error)
def call(name, *arguments):
    def act():
        if getattr(libc, name)(*arguments) < 0:
            raise OSError(ctypes.get_errno(), name)
    return act
def number(*arguments):
    return call("syscall", *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
def write(path):
    def act():
        with open(path, "w") as file:
            file.write("x")
    return act
def peek(pid):
    here = ctypes.create_string_buffer(8)
    piece = (ctypes.c_size_t * 2)(ctypes.addressof(here), 8)
    return call("process_vm_readv", pid, piece, 1, piece, 1, 0)
def datagram(*address):
    return lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", address) and None
def read(path):
    return lambda: open(path, "rb").read(1) and None
def connect(*address):
    return lambda: socket.create_connection(address, 1).close()
attempts = ATTEMPTS
print(json.dumps({name: tried(act) for name, act in attempts.items()}))
"""


def tried(sandbox, **attempts: str) -> dict[str, str]:
    """Run expressions of callables inside; a value is "refused" or "done"."""
    listing = "{" + ", ".join(f"{name!r}: {act}" for name, act in attempts.items()) + "}"
    result = sandbox.run(Command(("python3", "-c", REFUSALS.replace("ATTEMPTS", listing)), seconds=30))
    assert result.ok, result.stderr.text
    return json.loads(result.stdout.text)


def all_refused(sandbox, **attempts: str) -> bool:
    outcome = tried(sandbox, **attempts)
    assert outcome == dict.fromkeys(attempts, "refused")
    return True


def text(sandbox, *argv: str) -> str:
    return sandbox.run(Command(argv)).stdout.text


def status(sandbox) -> dict[str, str]:
    lines = text(sandbox, "cat", "/proc/self/status").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_the_code_is_nobody_without_capabilities_or_new_privileges(jail):
    found = status(jail)
    assert {found[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (found["NoNewPrivs"], found["Seccomp"]) == ("1", "2")
    assert found["Uid"].split() == found["Gid"].split() == ["65534"] * 4
    assert found["Groups"].split() in ([], ["65534"])


def test_a_setuid_program_gives_nothing(isolating):
    for program in ("/usr/bin/su", "/usr/bin/mount", "/usr/bin/passwd"):
        if Path(program).exists() and Path(program).stat().st_mode & 0o4000:
            break
    else:
        program = "/usr/bin/true"
    cell = isolating.open()
    found = text(cell, "python3", "-c", f"import os; os.execv({program!r}, ['x', '--help'])")
    ids = text(cell, "sh", "-c", "id -u; id -ru")
    cell.close()
    assert ids.split() == ["65534", "65534"], found


def test_planted_files_of_the_host_are_not_there(isolating, tmp_path):
    canary = uuid.uuid4().hex
    places = [tmp_path / "canary", Path.home() / f".ratchet-{canary}", Path("/tmp") / f"ratchet-{canary}"]
    places += [Path("/var/tmp") / f"ratchet-{canary}", Path("/dev/shm") / f"ratchet-{canary}"]
    cell = isolating.open()
    try:
        for place in places:
            place.write_text(canary)
            place.chmod(0o644)
        assert all_refused(cell, **{f"read{n}": f"read({str(p)!r})" for n, p in enumerate(places)})
        search = f"grep -rslI {canary} / --exclude-dir=proc --exclude-dir=usr 2>/dev/null"
        assert text(cell, "sh", "-c", search) == ""
    finally:
        cell.close()
        for place in places:
            place.unlink(missing_ok=True)


def test_nothing_of_the_hosts_secrets_is_readable(jail):
    paths = [
        "/etc/shadow",
        "/root",
        "/home",
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/boot",
        "/old_root",
    ]
    paths += ["/proc/kcore", "/proc/kmsg", "/dev/mem", "/dev/kmsg", "/dev/vda", "/dev/sda", "/sys/kernel"]
    found = tried(jail, **{path: f"(read({path!r}))" for path in paths})
    assert set(found.values()) == {"refused"}, found


def test_the_hosts_processes_are_not_visible(jail):
    numbers = text(jail, "sh", "-c", "ls /proc | grep '^[0-9]'").split()
    assert len(numbers) < 10
    assert "pytest" not in text(jail, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -v grep")


def test_there_is_no_network(jail):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert all_refused(
            jail,
            loopback=f"connect('127.0.0.1', {port})",
            loopback6=f"connect('::1', {port})",
            address="connect('1.1.1.1', 53)",
            name="connect('localhost.invalid', 80)",
            metadata="connect('169.254.169.254', 80)",
            datagram="datagram('8.8.8.8', 53)",
            raw="lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
            packet="lambda: socket.socket(17, socket.SOCK_RAW, 3)",
        )
    interfaces = text(jail, "python3", "-c", "import socket; print(socket.if_nameindex())")
    assert interfaces == "[(1, 'lo')]\n"


def test_the_hosts_abstract_sockets_are_out_of_reach(jail):
    name = f"\0ratchet-{uuid.uuid4().hex}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        assert all_refused(jail, abstract=f"lambda: socket.socket(socket.AF_UNIX).connect({name!r})")


def test_the_worker_can_not_be_looked_into_traced_or_ended(jail):
    assert all_refused(
        jail,
        memory="read('/proc/1/mem')",
        environment="read('/proc/1/environ')",
        descriptors="lambda: os.listdir('/proc/1/fd') and None",
        stdout="write('/proc/1/fd/1')",
        attach="call('ptrace', 16, 1, 0, 0)",
        seize="call('ptrace', 0x4206, 1, 0, 0)",
        vm="peek(1)",
        maps="read('/proc/1/maps')",
    )
    for number in ("KILL", "STOP", "TERM", "INT", "SEGV", "CHLD", "USR1", "HUP", "ALRM", "PIPE"):
        jail.run(Command(("sh", "-c", f"kill -{number} 1; kill -{number} -1"), seconds=5))
    assert jail.run(Command(("true",))).ok


def test_starving_the_worker_ends_the_sandbox_but_never_fools_it(isolating):
    starve = """
import resource
for kind in range(16):
    try:
        resource.prlimit(1, kind, (0, 0))
    except OSError:
        pass
"""
    cell = isolating.open()
    first = cell.run(Command(("python3", "-c", starve), seconds=5))
    assert first.ok or first.ending is Ending.LOST
    if first.ok:
        second = cell.run(Command(("true",), seconds=5))
        assert second.ok or second.ending is Ending.LOST or second.exit_code == 127
    cell.close()


def test_root_and_mounts_are_read_only(isolating, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "file").write_text("host")
    for path in (shared, shared / "file"):
        path.chmod(0o777)
    cell = isolating.open(mounts=(Mount(shared, "/opt/shared"),))
    paths = [
        "/new",
        "/etc/new",
        "/usr/new",
        "/usr/bin/python3",
        "/opt/new",
        "/opt/shared/file",
        "/opt/shared/x",
    ]
    paths += [
        f"{GUEST}/worker.py",
        f"{GUEST}/new.py",
        "/var/new",
        "/run/new",
        "/sys/new",
        "/etc/passwd",
        "/dev/x",
    ]
    paths += ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger"]
    paths += ["/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/pids/pids.max"]
    paths += ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/pids/cgroup.procs", "/sys/fs/cgroup/cgroup.procs"]
    outcome = tried(cell, **{path: f"write({path!r})" for path in paths})
    cell.close()
    if isolating.backend.kind == "docker":
        # Docker's /dev is a small tmpfs that only root may write to.
        outcome.setdefault("/dev/x", "refused")
    assert outcome == dict.fromkeys(paths, "refused")
    assert (shared / "file").read_text() == "host"


def test_only_the_documented_places_are_writable(jail):
    listed = text(
        jail,
        "sh",
        "-c",
        "for d in $(cut -d' ' -f2 /proc/mounts); do touch $d/.t 2>/dev/null && echo $d; done",
    )
    assert set(listed.split()) <= {"/workspace", "/tmp", "/dev/shm", "/dev/mqueue"}


def test_a_writable_mount_takes_files_and_only_below_itself(isolating, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    kept.chmod(0o777)
    cell = isolating.open(mounts=(Mount(kept, "/opt/kept", writable=True),))
    plant = "echo x > file; ln -s /etc/passwd link; cp /bin/sh shell; chmod 6755 shell"
    assert cell.run(Command(("sh", "-c", plant), cwd="/opt/kept")).ok
    cell.close()
    assert (kept / "file").read_text() == "x\n"
    # What code leaves there must never be a program that runs with somebody else's rights.
    assert (kept / "shell").stat().st_uid != 0 or os.geteuid() != 0


def test_namespaces_mounts_and_kernel_interfaces_are_refused(jail):
    numbers = REFUSED[platform.machine()]
    clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
    assert all_refused(
        jail,
        user="call('unshare', 0x10000000)",
        mounts="call('unshare', 0x00020000)",
        network="call('unshare', 0x40000000)",
        clone=f"number({clone}, 0x10000000 | 17, 0, 0, 0, 0)",
        mount="call('mount', b'none', b'/tmp', b'tmpfs', 0, 0)",
        umount="call('umount2', b'/workspace', 2)",
        chroot="call('chroot', b'/tmp')",
        pivot=f"number({numbers['pivot_root']}, b'/', b'/')",
        hostname="call('sethostname', b'x', 1)",
        keyring=f"number({numbers['keyctl']}, 0, -3, 1)",
        key=f"number({numbers['add_key']}, b'user', b'x', b'y', 1, -3)",
        bpf=f"number({numbers['bpf']}, 0, 0, 0)",
        perf=f"number({numbers['perf_event_open']}, 0, 0, -1, -1, 0)",
        userfault=f"number({numbers['userfaultfd']}, 0)",
        uring="number(425, 1, 0)",
        module=f"number({numbers['finit_module']}, 0, b'', 0)",
        handle=f"number({numbers['open_by_handle_at']}, -100, 0, 0)",
        clock="call('settimeofday', b'\\0' * 16, 0)",
        reboot=f"number({numbers['reboot']}, 0xFEE1DEAD, 672274793, 0x1234567, 0)",
        node="call('mknod', b'/tmp/node', 0o60644, 0x800)",
        setuid="call('setuid', 0)",
        groups="call('setgroups', 0, 0)",
        nice="call('nice', -5)",
        core="lambda: __import__('resource').setrlimit(4, (1, 1))",
        oom="write('/proc/1/oom_score_adj')",
    )


def test_the_terminal_of_the_host_is_out_of_reach(jail):
    assert all_refused(jail, tty="lambda: os.open('/dev/tty', os.O_RDWR) and None")


def test_the_environment_of_the_host_is_not_passed_on(isolating, monkeypatch):
    canary = uuid.uuid4().hex
    monkeypatch.setenv("RATCHET_CANARY", canary)
    cell = isolating.open()
    assert canary not in text(cell, "sh", "-c", "env; cat /proc/*/environ 2>/dev/null")
    cell.close()


def test_two_sandboxes_do_not_see_each_other(isolating):
    one, other = isolating.open(), isolating.open()
    started = threading.Event()
    runner = threading.Thread(
        target=one.run,
        args=(Command(("sh", "-c", "echo secret > /workspace/f; echo secret > /tmp/f; echo; sleep 60")),),
        kwargs={"on_output": lambda _: started.set()},
    )
    runner.start()
    started.wait()
    seen = text(other, "sh", "-c", "ls -A /workspace /tmp; cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    one.close()
    runner.join()
    other.close()
    assert "f\n" not in seen and "sleep" not in seen


def test_a_worker_that_dies_is_a_lost_sandbox(isolating):
    """Killing it takes the host's own hands."""
    cell = isolating.open()
    started = threading.Event()
    results = []
    runner = threading.Thread(
        target=lambda: results.append(
            cell.run(Command(("sh", "-c", "echo; sleep 60")), on_output=lambda _: started.set())
        )
    )
    runner.start()
    started.wait()
    subprocess.run([shutil.which("kill") or "kill", "-9", *map(str, workers())], check=True)
    runner.join()
    cell.close()
    assert results[0].ending is Ending.LOST


def workers() -> list[int]:
    """Return the workers that run as process 1 of a namespace, and have a shell as a child."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            children = (folder / "task" / folder.name / "children").read_text().split()
            shell = [c for c in children if b"echo; sleep 60" in Path(f"/proc/{c}/cmdline").read_bytes()]
        except OSError:
            continue
        if f"{GUEST}/worker.py".encode() in words and b"bwrap" not in words[0] and shell:
            found.append(int(folder.name))
    return found


@pytest.mark.parametrize("path", ["/opt/python", "/opt/env"])
def test_a_folder_that_only_root_can_reach_is_readable_where_it_is_mounted(isolating, tmp_path, path):
    closed = tmp_path / "closed"
    (closed / "open").mkdir(parents=True)
    (closed / "open" / "file").write_text("within")
    closed.chmod(0o700)
    cell = isolating.open(mounts=(Mount(closed / "open", path),))
    found = text(cell, "cat", f"{path}/file")
    cell.close()
    assert found == "within"
