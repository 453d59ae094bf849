"""Brings single files of npm packages: all of them is 400 MB, and the tests need 17."""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_LOCK = Path(__file__).with_name("package-lock.json")
_WANTED: Mapping[str, Mapping[str, str]] = {
    "@octokit/openapi": {"package/generated/api.github.com.json": "openapi.json"},
    "@octokit/webhooks-examples": {"package/api.github.com/index.json": "webhooks.json"},
    "@octokit/fixtures": {"package/scenarios/api.github.com/": "recorded/"},
}
_RECORDING = "/normalized-fixture.json"


def fetch(npm: Sequence[str], target: Path) -> None:
    """Put the wanted files into a folder; each archive must have the hash that the lock says."""
    locked = json.loads(_LOCK.read_text())["packages"]
    target.mkdir(parents=True, exist_ok=True)
    for package, files in _WANTED.items():
        entry = locked[f"node_modules/{package}"]
        with tempfile.TemporaryDirectory(dir=target) as folder:
            wanted = f"{package}@{entry['version']}"
            subprocess.run(
                [*npm, "pack", "--silent", "--pack-destination", folder, wanted],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            (archive,) = Path(folder).glob("*.tgz")
            found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
            if found != entry["integrity"]:
                raise SystemExit(f"{wanted} is not what the lock says: {found}")
            _take(archive, files, target)


def _take(archive: Path, files: Mapping[str, str], target: Path) -> None:
    with tarfile.open(archive) as opened:
        for member in opened:
            if (name := _place(member.name, files)) and (content := opened.extractfile(member)):
                place = target / name
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(content.read())


def _place(member: str, files: Mapping[str, str]) -> str:
    if member in files:
        return files[member]
    for prefix, folder in files.items():
        if prefix.endswith("/") and member.startswith(prefix) and member.endswith(_RECORDING):
            return f"{folder}{member.removeprefix(prefix).removesuffix(_RECORDING)}.json"
    return ""


if __name__ == "__main__":
    fetch(sys.argv[2:], Path(sys.argv[1]))
