"""A PostgreSQL server of the tests' own, on a Unix socket in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_USER = "postgres"
_SETTINGS = {"max_connections": "200", "shared_buffers": "32MB", "listen_addresses": "''"}


def programs() -> Path:
    """Return the folder of the newest PostgreSQL that Debian's packages installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    assert found, "PostgreSQL is missing: `.ci/setup.sh tests` installs it"
    return found[-1].parent


class Cluster:
    """One server; databases are made on demand."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._programs = programs()
        # The server refuses to run as root.
        self._user = _USER if os.geteuid() == 0 else None
        if self._user:
            entry = pwd.getpwnam(self._user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        options = ("--auth=trust", f"--username={_USER}", "--encoding=UTF8", "--locale=C", "--no-sync")
        self._run("initdb", f"--pgdata={self._data}", *options)
        settings = {
            **_SETTINGS,
            "unix_socket_directories": f"'{folder}'",
            "fsync": "on" if durable else "off",
        }
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        with (self._data / "postgresql.auto.conf").open("a") as file:
            file.write(lines)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._run("pg_ctl", f"--pgdata={self._data}", f"--log={self.folder}/log", "--wait", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server; `immediate` is a crash."""
        self._run("pg_ctl", f"--pgdata={self._data}", "--wait", f"--mode={mode}", "stop")

    def create(self, name: str) -> str:
        """Make an empty database and return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url(name)

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://{_USER}@/{name}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        with tempfile.TemporaryFile() as output:
            # Not a pipe: the server inherits it and would keep it open.
            done = subprocess.run(
                command,
                cwd=self.folder,
                user=self._user,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
            output.seek(0)
            assert done.returncode == 0, f"{program}: {output.read().decode(errors='replace')}"


@contextmanager
def running_cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """Run a server for a while; `durable` makes it wait for the disk as in real life."""
    folder = Path(tempfile.mkdtemp(prefix="ratchet-pg-"))
    try:
        cluster = Cluster(folder, durable=durable)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder)
