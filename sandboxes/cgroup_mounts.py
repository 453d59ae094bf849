"""What the kernel says of our own control groups, read from its text."""

from pathlib import Path


def own_groups(text: str) -> dict[str, str]:
    """Return controller -> path of our own group; the key of version 2 is empty."""
    groups = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            groups[controller] = path
    return groups


def parse_mounts(text: str) -> dict[str, tuple[str, Path]]:
    """Return controller -> (root of the mount within its hierarchy, where it is mounted)."""
    mounts: dict[str, tuple[str, Path]] = {}
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        root, place = left.split()[3:5]
        kind, _, options = right.split(maxsplit=2)
        if kind == "cgroup2":
            mounts.setdefault("", (root, Path(place)))
        elif kind == "cgroup":
            for option in options.split(","):
                mounts.setdefault(option, (root, Path(place)))
    return mounts


def own_folder(group: str | None, mount: tuple[str, Path] | None) -> Path | None:
    """Return the directory of our own group, or the nearest above it that is mounted here."""
    if group is None or mount is None:
        return None
    root, place = mount
    inside = group.removeprefix(root.rstrip("/")).lstrip("/") if group.startswith(root) else ""
    folder = place / inside
    return folder if folder.is_dir() else place
