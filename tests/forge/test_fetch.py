"""What the tests are held against is what the lock says, or it is not used."""

import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

from tests.forge.fetch import fetch

LOCK = Path(__file__).with_name("package-lock.json")


def test_an_archive_with_another_hash_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "wrong.tgz"
    with tarfile.open(archive, "w:gz") as opened:
        member = tarfile.TarInfo("package/generated/api.github.com.json")
        member.size = 2
        opened.addfile(member, io.BytesIO(b"{}"))
    npm = tmp_path / "npm.py"
    # Called as `npm pack --silent --pack-destination FOLDER NAME@VERSION`.
    npm.write_text(f"import shutil, sys\nshutil.copy({str(archive)!r}, sys.argv[4])\n")
    with pytest.raises(SystemExit, match=r"@octokit/openapi@23.0.2 is not what the lock says"):
        fetch([sys.executable, str(npm)], tmp_path / "target")
    assert not list((tmp_path / "target").iterdir())


def test_the_lock_has_hashes_and_no_addresses() -> None:
    packages = {name: entry for name, entry in json.loads(LOCK.read_text())["packages"].items() if name}
    assert {"node_modules/emulate", "node_modules/@octokit/openapi"} <= set(packages)
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name
