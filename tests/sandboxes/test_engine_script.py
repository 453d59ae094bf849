"""The engine of `make test`: started when none answers, left alone when one does, and gone afterwards."""

import gc
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci/engine.sh"
pytestmark = pytest.mark.long


@pytest.fixture
def checkout(tmp_path_factory):
    """A checkout with the script in it, whose engine is stopped whatever happens."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / ".ci").mkdir()
    shutil.copy2(SCRIPT, folder / ".ci/engine.sh")
    yield folder
    engine(folder, "stop")


def engine(checkout, verb, **env):
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DOCKER_HOST", "RATCHET_ENGINE")
    }
    return subprocess.run(
        [checkout / ".ci/engine.sh", verb],
        env={**kept, "DOCKER_HOST": "unix:///none.sock", "CI": "1", **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assignments(run):
    assert run.returncode == 0, run.stderr
    return dict(line.removeprefix("export ").split("=", 1) for line in run.stdout.splitlines())


def processes(checkout):
    found = subprocess.run(["pgrep", "-f", "--", str(run_folder(checkout))], capture_output=True, check=False)
    return found.stdout.split()


def run_folder(checkout):
    folder = checkout / ".work/engine"
    if len(str(folder)) <= 60:
        return folder
    number = subprocess.run(["cksum"], input=str(checkout), capture_output=True, text=True, check=True)
    return Path("/tmp") / f"ratchet-engine-{number.stdout.split()[0]}"


def answers(said):
    with socket.socket(socket.AF_UNIX) as door:
        try:
            door.connect(said["DOCKER_HOST"].removeprefix("unix://"))
        except OSError:
            return False
        return True


def mounts(checkout):
    places = (str(checkout), str(run_folder(checkout)))
    return [
        line for line in Path("/proc/mounts").read_text().splitlines() if line.split()[1].startswith(places)
    ]


def test_our_own_engine_answers_and_leaves_nothing_running(checkout):
    said = assignments(engine(checkout, "start"))
    assert said["RATCHET_ENGINE"] == "own"
    assert answers(said)
    assert engine(checkout, "stop", **said).returncode == 0
    assert not answers(said)
    assert (processes(checkout), mounts(checkout)) == ([], [])


def test_an_engine_that_answers_is_used_and_never_stopped(checkout):
    said = assignments(engine(checkout, "start"))
    again = assignments(engine(checkout, "start", DOCKER_HOST=said["DOCKER_HOST"]))
    assert again == {"RATCHET_ENGINE": ""}
    engine(checkout, "stop", **again)
    assert answers(said)


def test_an_engine_without_a_command_line_client_is_started_and_stopped_too(checkout):
    # Newer Debian puts the client into a package of its own.
    path = "/usr/sbin:/usr/bin:/sbin:/bin"
    if shutil.which("docker", path=path):
        path = without_client(checkout)
    said = assignments(engine(checkout, "start", PATH=path))
    assert answers(said)
    assert engine(checkout, "stop", PATH=path, **said).returncode == 0
    assert (processes(checkout), mounts(checkout)) == ([], [])


def without_client(checkout):
    """Return a PATH with every program of the system but docker."""
    folder = checkout / "programs"
    folder.mkdir()
    for place in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        for program in Path(place).iterdir():
            if program.name != "docker" and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program)
    return str(folder)


def test_a_second_run_of_a_living_starter_shares_the_engine_and_leaves_it(checkout):
    said = assignments(engine(checkout, "start"))
    assert assignments(engine(checkout, "start")) == {**said, "RATCHET_ENGINE": ""}


def test_what_a_killed_engine_left_is_cleared_away(checkout):
    engine(checkout, "start")
    folder = run_folder(checkout)
    for pidfile in ("docker.pid", "exec/containerd/containerd.pid"):
        os.kill(int((folder / pidfile).read_text()), signal.SIGKILL)
    said = assignments(engine(checkout, "start"))
    assert said["RATCHET_ENGINE"] == "own"
    assert answers(said)
    engine(checkout, "stop", **said)
    assert (processes(checkout), mounts(checkout)) == ([], [])


# The SDK leaves a Unix socket open that nobody listens on any more.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_stopping_ends_the_containers_that_still_run(checkout):
    from sandboxes.docker_sandbox import DockerBackend
    from sandboxes.sandbox import Command, Ending, SandboxSpec

    said = assignments(engine(checkout, "start"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", said["DOCKER_HOST"])
        sandbox = DockerBackend(checkout / "state").open(SandboxSpec(root=None))
    assert mounts(checkout)
    assert engine(checkout, "stop", **said).returncode == 0
    assert sandbox.run(Command(("true",))).ending is Ending.LOST
    sandbox.close()
    gc.collect()
    assert (processes(checkout), mounts(checkout)) == ([], [])


def test_a_number_that_belongs_to_another_process_is_never_signalled(checkout):
    said = assignments(engine(checkout, "start"))
    engine(checkout, "stop", **said)
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        run_folder(checkout).mkdir(parents=True, exist_ok=True)
        (run_folder(checkout) / "docker.pid").write_text(str(bystander.pid))
        assert engine(checkout, "stop").returncode == 0
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
