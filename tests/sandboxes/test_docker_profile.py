"""The hardened profile, asserted on the real container and from inside it."""

import contextlib
import json
import uuid

import docker
import pytest

from sandboxes.docker_engine import connect
from sandboxes.docker_owner import Owner
from sandboxes.docker_sandbox import DockerBackend
from sandboxes.host_root import on_host_root
from sandboxes.sandbox import MIB, Command, Limits, Mount, SandboxKind, SandboxSpec

LIMITS = Limits(
    memory=200 * MIB, pids=20, cpus=0.5, workspace=24 * MIB, tmp=16 * MIB, inodes=500, file_size=4 * MIB
)
LOOK = """
import json, os, resource, socket
def refused(act):
    try:
        act()
    except OSError as error:
        return error.strerror
    return ""
def put(path):
    with open(path, "w") as file:
        file.write("x")
status = dict(line.rstrip().split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
mounts = {line.split()[1]: line.split()[3].split(",") for line in open("/proc/mounts")}
print(json.dumps({
    "ids": os.getresuid() + os.getresgid() + tuple(os.getgroups()),
    "capabilities": [status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
    "no_new_privileges": status["NoNewPrivs"], "seccomp": status["Seccomp"],
    "interfaces": [name for _, name in socket.if_nameindex()],
    "core": resource.getrlimit(resource.RLIMIT_CORE), "fsize": resource.getrlimit(resource.RLIMIT_FSIZE),
    "refused": {path: refused(lambda: put(path)) for path in
                ("/etc/x", "/x", "/opt/ratchet/x", "/shown/x", "/usr/x", "/proc/sys/kernel/core_pattern",
                 "/workspace/x", "/tmp/x", "/dev/shm/x", "/kept/x")},
    "mounts": {path: mounts[path] for path in ("/workspace", "/tmp", "/dev/shm")},
    "sockets": [path for path in ("/var/run/docker.sock", "/run/docker.sock") if os.path.exists(path)],
    "environment": dict(os.environ),
    "worker_environment": open("/proc/1/environ").read() if os.access("/proc/1/environ", os.R_OK) else None,
    "own_namespace": os.getppid(),
}))
"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profile")
    (folder / "shown").mkdir()
    (folder / "shown/file").write_text("shown")
    (folder / "kept").mkdir()
    (folder / "kept").chmod(0o777)
    shown = (Mount(folder / "shown", "/shown"), Mount(folder / "kept", "/kept", writable=True))
    task = str(uuid.uuid4())
    env = {"GREETING": "hi", "LD_PRELOAD": ""}
    spec = SandboxSpec(root=None, mounts=shown, limits=LIMITS, env=env, task=task)
    spec = on_host_root(spec, folder / "root")
    client = connect()
    with contextlib.closing(DockerBackend(folder / "state").open(spec)) as sandbox:
        (found,) = client.containers(filters={"label": f"ratchet.task={task}"})
        yield sandbox, spec, client.inspect_container(found["Id"])


@pytest.fixture(scope="module")
def inside(opened):
    sandbox, spec, _ = opened
    result = sandbox.run(Command((spec.python, "-I", "-c", LOOK)))
    assert result.ok, result.stderr.text
    return json.loads(result.stdout.text)


def test_the_engine_says_that_the_profile_is_in_force(opened):
    _, _, container = opened
    host = container["HostConfig"]
    memory = (200 + 24 + 16) * MIB
    assert {
        "NetworkMode": "none",
        "ReadonlyRootfs": True,
        "Privileged": False,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "IpcMode": "private",
        "AutoRemove": True,
        "Memory": memory,
        "MemorySwap": memory,
        "PidsLimit": 20,
        "NanoCpus": 500_000_000,
        "LogConfig": {"Type": "none", "Config": {}},
        "PidMode": "",
        "UTSMode": "",
    }.items() <= host.items()
    assert not host["Devices"] and not host["CapAdd"] and not host["Binds"]
    assert {limit["Name"]: (limit["Soft"], limit["Hard"]) for limit in host["Ulimits"]} == {
        "core": (0, 0),
        "nofile": (4096, 4096),
        "fsize": (4 * MIB, 4 * MIB),
    }
    assert container["Config"]["User"] == "65534:65534"
    assert container["Config"]["StopTimeout"] == 1
    assert container["Config"]["StdinOnce"] is True


def test_only_what_was_asked_for_is_mounted_and_only_writable_where_asked(opened):
    _, spec, container = opened
    shown = {mount["Destination"]: mount["RW"] for mount in container["Mounts"]}
    assert shown == {
        "/opt/ratchet": False,
        **{mount.target: mount.writable for mount in spec.mounts},
    }


def test_the_container_is_labelled_with_its_owner_and_its_task(opened):
    _, spec, container = opened
    labels = container["Config"]["Labels"]
    owner = Owner.parse(labels["ratchet.owner"])
    assert owner is not None and not owner.is_gone(engine_is_local=True)
    assert labels["ratchet.task"] == spec.task


def test_nothing_is_logged_by_the_engine(opened):
    sandbox, spec, container = opened
    sandbox.run(Command((spec.python, "-I", "-c", "print('x' * 100000)")))
    with pytest.raises(docker.errors.APIError, match="configured logging driver does not support reading"):
        connect().logs(container["Id"])
    assert container["LogPath"] == ""


def test_code_inside_has_no_privileges_and_no_network(inside):
    assert set(inside["ids"]) == {65534}
    assert set(inside["capabilities"]) == {"0" * 16}
    assert (inside["no_new_privileges"], inside["seccomp"]) == ("1", "2")
    assert inside["interfaces"] == ["lo"]
    assert inside["sockets"] == []


def test_code_inside_writes_only_where_it_may(inside):
    refused = inside["refused"]
    writable = {"/workspace/x", "/tmp/x", "/dev/shm/x", "/kept/x"}
    assert {path for path, error in refused.items() if not error} == writable


def test_what_is_writable_has_a_size_and_lets_programs_run(inside):
    workspace, tmp, shm = (set(inside["mounts"][path]) for path in ("/workspace", "/tmp", "/dev/shm"))
    common = {"rw", "nosuid", "nodev"}
    assert common | {"size=24576k", "nr_inodes=500"} <= workspace and "noexec" not in workspace
    assert common | {"size=16384k", "nr_inodes=500"} <= tmp and "noexec" not in tmp
    assert common | {"size=16384k", "nr_inodes=1024", "noexec"} <= shm


def test_no_variable_of_the_host_reaches_the_code(inside, monkeypatch):
    assert inside["environment"]["GREETING"] == "hi"
    assert set(inside["environment"]) <= {
        "GREETING",
        "LD_PRELOAD",
        "HOME",
        "TMPDIR",
        "PATH",
        "LANG",
        "LC_CTYPE",
    }
    assert inside["worker_environment"] is None


def test_process_limits_hold_inside(inside):
    assert inside["core"] == [0, 0]
    assert inside["fsize"] == [4 * MIB, 4 * MIB]


def test_the_worker_is_the_first_process_of_the_container(inside):
    assert inside["own_namespace"] == 1


def test_the_sandbox_says_what_is_in_force(opened):
    sandbox, _, container = opened
    assert sandbox.in_force.kind is SandboxKind.DOCKER
    assert sandbox.in_force.image == container["Image"]
    assert (sandbox.in_force.network, sandbox.in_force.missing_limits) == ("none", ())
