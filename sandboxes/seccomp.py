"""A system call filter for sandboxes whose engine brings none: what no build and no test needs is refused.

Namespaces and dropped capabilities already refuse most of it; the filter keeps the kernel's code for it
out of reach, and closes what neither of them covers (the host's keyrings, io_uring, file handles).
"""

import platform
import struct

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1
_NUMBER, _ARCHITECTURE = 0, 4
_X32 = 0x40000000

_BOTH = (*range(425, 434), 442, 443)
"""io_uring_*, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr, quotactl_fd."""
REFUSED: dict[str, dict[str, int]] = {
    "x86_64": {
        "syslog": 103, "vhangup": 153, "pivot_root": 155, "acct": 163, "mount": 165, "umount2": 166,
        "swapon": 167, "swapoff": 168, "reboot": 169, "iopl": 172, "ioperm": 173, "init_module": 175,
        "delete_module": 176, "quotactl": 179, "nfsservctl": 180, "lookup_dcookie": 212, "kexec_load": 246,
        "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298,
        "name_to_handle_at": 303, "open_by_handle_at": 304, "setns": 308, "finit_module": 313,
        "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
    },
    "aarch64": {
        "lookup_dcookie": 18, "umount2": 39, "mount": 40, "pivot_root": 41, "nfsservctl": 42, "vhangup": 58,
        "quotactl": 60, "acct": 89, "unshare": 97, "kexec_load": 104, "init_module": 105,
        "delete_module": 106, "syslog": 116, "reboot": 142, "add_key": 217, "request_key": 218,
        "keyctl": 219, "swapon": 224, "swapoff": 225, "perf_event_open": 241, "name_to_handle_at": 264,
        "open_by_handle_at": 265, "setns": 268, "finit_module": 273, "bpf": 280, "userfaultfd": 282,
        "kexec_file_load": 294,
    },
}  # fmt: skip
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def seccomp_filter(machine: str = platform.machine()) -> bytes | None:
    """Return the filter as a program for the kernel; None for a machine whose calls are not listed."""
    if machine not in REFUSED:
        return None
    numbers = (*REFUSED[machine].values(), *_BOTH)
    checks = [(_EQUAL, number) for number in numbers]
    if machine == "x86_64":
        # The same calls have second numbers there.
        checks.insert(0, (_AT_LEAST, _X32))
    program = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 0, len(checks) + 2, _AUDIT[machine])]
    program.append((_LOAD, 0, 0, _NUMBER))
    for left, (check, number) in zip(range(len(checks), 0, -1), checks, strict=True):
        program.append((check, left, 0, number))
    program += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
