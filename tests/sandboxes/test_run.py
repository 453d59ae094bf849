"""A command's life in any sandbox: what it sees, what comes back, how it ends."""

import signal
import threading
import time

import pytest

from sandboxes.errors import SandboxError, SandboxLost
from sandboxes.sandbox import GUEST, MIB, WORKSPACE, Command, Ending


def shell(script: str, **options: object) -> Command:
    return Command(("sh", "-c", script), **options)


def test_output_and_exit_code_come_back(sandbox):
    result = sandbox.run(shell("echo out; echo err >&2; exit 3"))
    assert (result.ending, result.exit_code, result.signal) == (Ending.EXITED, 3, None)
    assert (result.stdout.text, result.stderr.text) == ("out\n", "err\n")
    assert not result.ok


def test_a_command_that_ends_with_zero_is_ok(sandbox):
    assert sandbox.run(Command(("true",))).ok


def test_a_program_that_does_not_exist_ends_with_127_and_says_so(sandbox):
    result = sandbox.run(Command(("no-such-program",)))
    assert (result.ending, result.exit_code) == (Ending.EXITED, 127)
    assert "no-such-program" in result.stderr.text


def test_a_working_directory_that_does_not_exist_ends_with_127(sandbox):
    assert sandbox.run(Command(("true",), cwd=f"{WORKSPACE}/missing")).exit_code == 127


def test_a_command_that_kills_itself_is_signalled(sandbox):
    result = sandbox.run(shell("kill -SEGV $$"))
    assert (result.ending, result.exit_code, result.signal) == (Ending.SIGNALLED, None, signal.SIGSEGV)


def test_a_command_past_its_time_is_ended_though_it_ignores_signals(sandbox):
    result = sandbox.run(shell("trap '' TERM INT HUP; echo started; while :; do sleep 1; done", seconds=0.5))
    assert (result.ending, result.exit_code) == (Ending.TIMEOUT, None)
    assert result.stdout.text == "started\n"


def test_endless_output_ends_the_command(sandbox):
    result = sandbox.run(Command(("yes",), max_output=MIB, keep_output=1000))
    assert result.ending is Ending.OUTPUT
    assert result.stdout.total > MIB


def test_long_output_keeps_its_head_and_its_tail(sandbox):
    result = sandbox.run(shell("seq 1 50000", keep_output=2000))
    assert result.stdout.head.startswith(b"1\n2\n3\n")
    assert result.stdout.tail.endswith(b"49999\n50000\n")
    assert len(result.stdout.head) + len(result.stdout.tail) == 2000
    assert result.stdout.total == sum(len(str(n)) + 1 for n in range(1, 50001))
    assert "bytes cut" in result.stdout.text


def test_output_at_the_bound_is_kept_whole(sandbox):
    result = sandbox.run(shell("printf 0123456789", keep_output=10))
    assert (result.stdout.head, result.stdout.tail) == (b"0123456789", b"")


def test_output_is_streamed_while_the_command_runs(sandbox):
    pieces: list[bytes] = []
    done = threading.Event()

    def note(data: bytes) -> None:
        pieces.append(data)
        done.set()

    result = sandbox.run(
        shell("echo now; read line < /dev/zero; sleep 60", seconds=60), on_output=note, cancel=done
    )
    assert result.ending is Ending.CANCELLED
    assert b"".join(pieces) == b"now\n"


def test_standard_input_reaches_the_program_whole(sandbox):
    data = bytes(range(256)) * 8192
    result = sandbox.run(Command(("sha256sum",), stdin=data))
    from hashlib import sha256

    assert result.stdout.text.split()[0] == sha256(data).hexdigest()


def test_a_program_that_leaves_its_input_unread_is_fine(sandbox):
    assert sandbox.run(Command(("true",), stdin=b"x" * MIB)).ok


def test_without_input_the_program_sees_its_end(sandbox):
    assert sandbox.run(Command(("cat",), seconds=10)).ok


def test_a_report_comes_back_apart_from_the_output(sandbox):
    result = sandbox.run(shell('echo out; printf "a\\0b" >&$RATCHET_REPORT_FD', report=True))
    assert (result.report, result.report_cut, result.stdout.text) == (b"a\0b", False, "out\n")


def test_a_report_past_its_bound_is_cut_and_marked(sandbox):
    result = sandbox.run(shell("seq 1 100000 >&$RATCHET_REPORT_FD", report=True, max_report=1000))
    assert result.ok
    assert (len(result.report), result.report_cut) == (1000, True)


def test_without_a_report_no_descriptor_is_offered(sandbox):
    assert sandbox.run(shell("echo ${RATCHET_REPORT_FD-none}")).stdout.text == "none\n"


def test_a_program_inherits_no_descriptor_but_its_own(sandbox):
    listing = "import os; print(sorted(f for f in range(4096) if os.path.exists('/proc/self/fd/%d' % f)))"
    plain = sandbox.run(Command(("python3", "-c", listing)))
    assert plain.stdout.text == "[0, 1, 2]\n", plain.stderr.text
    assert sandbox.run(Command(("python3", "-c", listing), report=True)).stdout.text == "[0, 1, 2, 3]\n"


def test_the_environment_is_what_was_given_and_nothing_of_the_host(kit, monkeypatch):
    monkeypatch.setenv("RATCHET_CANARY", "host secret")
    sandbox = kit.open(env={"FROM_SPEC": "spec", "BOTH": "spec"})
    try:
        result = sandbox.run(Command(("env", "-0"), env={"FROM_COMMAND": "command", "BOTH": "command"}))
    finally:
        sandbox.close()
    env = dict(line.split("=", 1) for line in result.stdout.text.split("\0") if line)
    assert {"PATH", "HOME", "TMPDIR", "LANG", "FROM_SPEC", "FROM_COMMAND", "BOTH"} == set(env) - {"PWD", "_"}
    assert (env["FROM_SPEC"], env["FROM_COMMAND"], env["BOTH"]) == ("spec", "command", "command")


def test_signals_are_at_their_defaults_in_the_program(sandbox):
    status = sandbox.run(Command(("grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"))).stdout.text
    # Two more numbers, 32 and 33, belong to the C library and are of no meaning to a program.
    library = 3 << 31
    assert [int(line.split()[1], 16) & ~library for line in status.splitlines()] == [0, 0]


def test_the_guest_code_is_where_the_contract_says(sandbox):
    assert sandbox.run(Command(("test", "-f", f"{GUEST}/worker.py"))).ok


def test_files_of_one_command_are_there_for_the_next(sandbox):
    assert sandbox.run(shell("echo kept > here && echo kept > /tmp/there".replace("/tmp", "$TMPDIR"))).ok
    assert sandbox.run(shell("cat here $TMPDIR/there; rm here")).stdout.text == "kept\nkept\n"


def test_a_daemon_is_gone_when_its_command_has_ended(sandbox):
    mark = "sleep 86399"
    result = sandbox.run(
        shell(f"setsid sh -c 'setsid {mark} & {mark} & exec {mark}' >/dev/null 2>&1 & sleep 0.2")
    )
    assert result.ok
    found = sandbox.run(shell("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '")).stdout.text
    assert mark not in found


def test_a_daemon_that_holds_the_output_open_does_not_delay_the_end(sandbox):
    started = time.monotonic()
    result = sandbox.run(shell("sleep 50 & echo done", seconds=40))
    assert (result.ok, result.stdout.text) == (True, "done\n")
    assert time.monotonic() - started < 30


def test_cancelling_ends_the_command(sandbox):
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    result = sandbox.run(shell("trap '' TERM; sleep 60", seconds=60), cancel=cancel)
    assert result.ending is Ending.CANCELLED
    assert sandbox.run(Command(("true",))).ok


def test_a_second_command_at_the_same_time_is_refused(sandbox):
    started = threading.Event()
    first = threading.Thread(
        target=sandbox.run,
        args=(shell("echo; sleep 1"),),
        kwargs={"on_output": lambda _: started.set()},
    )
    first.start()
    started.wait()
    with pytest.raises(SandboxError):
        sandbox.run(Command(("true",)))
    first.join()
    assert sandbox.run(Command(("true",))).ok


def test_closing_from_another_thread_ends_a_running_command_as_lost(kit):
    sandbox = kit.open()
    threading.Timer(0.3, sandbox.close).start()
    assert sandbox.run(shell("sleep 60")).ending is Ending.LOST
    sandbox.close()
    with pytest.raises(SandboxLost):
        sandbox.run(Command(("true",)))


def test_an_exception_while_streaming_leaves_nothing_running(kit):
    sandbox = kit.open()
    with pytest.raises(ZeroDivisionError):
        sandbox.run(shell("echo; sleep 60"), on_output=lambda _: 1 // 0)
    with pytest.raises(SandboxLost):
        sandbox.run(Command(("true",)))
