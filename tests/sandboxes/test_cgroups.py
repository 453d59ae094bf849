"""Control groups are found where this process may make them, and bound what is in them."""

import os
import subprocess
from pathlib import Path

from sandboxes.cgroup_mounts import own_folder, own_groups, parse_mounts
from sandboxes.cgroups import find_hierarchies, make_group, reap_groups
from sandboxes.sandbox import MIB, Limits

UNIFIED = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
IN_CONTAINER = (
    "705 704 0:30 /docker/abc /sys/fs/cgroup/memory ro,nosuid master:11 - cgroup cgroup rw,memory\n"
    "706 704 0:31 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
)


def test_groups_of_both_versions_are_read():
    assert own_groups("0::/user.slice/session-2.scope\n") == {"": "/user.slice/session-2.scope"}
    both = own_groups("5:cpu,cpuacct:/a\n4:memory:/b:c\n1:name=systemd:/x\n0::/\n")
    assert (both["cpu"], both["cpuacct"], both["memory"], both[""]) == ("/a", "/a", "/b:c", "/")


def test_mounts_are_found_by_controller():
    assert parse_mounts(UNIFIED) == {"": ("/", Path("/sys/fs/cgroup"))}
    found = parse_mounts(IN_CONTAINER)
    assert found["memory"] == ("/docker/abc", Path("/sys/fs/cgroup/memory"))
    assert found["cpuacct"] == ("/docker/abc", Path("/sys/fs/cgroup/cpu,cpuacct"))


def test_our_own_group_is_found_below_what_is_mounted(tmp_path):
    (tmp_path / "inner").mkdir()
    assert own_folder("/docker/abc/inner", ("/docker/abc", tmp_path)) == tmp_path / "inner"
    assert own_folder("/docker/abc", ("/docker/abc", tmp_path)) == tmp_path
    assert own_folder("/elsewhere", ("/docker/abc", tmp_path)) == tmp_path
    assert own_folder(None, ("/", tmp_path)) is None
    assert own_folder("/", None) is None


def test_a_group_bounds_what_joins_it_and_takes_it_along_when_removed():
    hierarchies = find_hierarchies()
    if not hierarchies:
        assert os.geteuid() != 0, "root can make groups"
        return
    group = make_group(hierarchies, Limits(memory=64 * MIB, workspace=0, tmp=0, pids=9))
    join = 'for file; do echo $$ > "$file"; done; exec sleep 60'
    with subprocess.Popen(["sh", "-c", join, "sh", *group.joins]) as process:
        while str(process.pid) not in Path(group.joins[-1]).read_text().split():
            pass
        assert set(group.enforced) == {"memory", "pids", "cpus"}
        assert reap_groups(hierarchies) == 0 or process.poll() is None
        group.remove()
        assert process.wait() == -9
    assert not any(Path(join).exists() for join in group.joins)
