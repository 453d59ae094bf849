"""Real parts for environment tests: projects as tars, and a package index over HTTP on loopback."""

import base64
import contextlib
import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sandboxes.environment import Environment, EnvironmentSpec
from sandboxes.environments import Environments, overlay
from sandboxes.sandbox import Backend, Command, Limits, Result

USER, PASSWORD = "reader", "s3cret-token"
BUILD = ("setuptools", "wheel")
SETUPTOOLS = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "sample"
version = "1.2"
[tool.setuptools.packages.find]
where = ["src"]
"""
FLIT = """
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"
[project]
name = "sample"
version = "1.2"
description = "a sample"
"""
# flit builds in a tenth of setuptools' time, which only those tests pay that are about it.
SAMPLE = {"pyproject.toml": FLIT, "src/sample/__init__.py": "VALUE = 1\n"}
SAMPLE_BUILD = ("flit_core",)


def spec(**fields: object) -> EnvironmentSpec:
    return EnvironmentSpec(**{"trust": "test", **fields})


def tar(files: Mapping[str, str | bytes], folder: str = "") -> bytes:
    """Return an uncompressed tar of files."""
    return _tar(files, folder, "w")


def sdist(name: str, version: str, files: Mapping[str, str]) -> bytes:
    """Return a source distribution."""
    info = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    return _tar({"PKG-INFO": info, **files}, f"{name}-{version}/", "w:gz")


def wheel(name: str, version: str, files: Mapping[str, str], needs: tuple[str, ...] = ()) -> bytes:
    """Return a pure wheel."""
    requires = "".join(f"Requires-Dist: {need}\n" for need in needs)
    folder = f"{name}-{version}.dist-info"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(
            f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
        )
        archive.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        names = [*files, f"{folder}/METADATA", f"{folder}/WHEEL", f"{folder}/RECORD"]
        archive.writestr(f"{folder}/RECORD", "".join(f"{name},,\n" for name in names))
    return buffer.getvalue()


def _tar(files: Mapping[str, str | bytes], folder: str, mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(folder + path)
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


class Index:
    """What an index serves, and what it was asked for; a private one wants the password."""

    def __init__(self, files: Mapping[str, bytes], *, private: bool) -> None:
        self.files, self.private = dict(files), private
        self.promised = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        self.asked: list[str] = []
        self.address = ""

    def page(self, project: str) -> str:
        """Return the page of a project."""
        links = (
            f'<a href="/files/{name}#sha256={self.promised[name]}">{name}</a>'
            for name in self.files
            if name.split("-")[0].replace("_", "-") == project
        )
        return "<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>"


@contextlib.contextmanager
def serving(files: Mapping[str, bytes], *, private: bool = False) -> Iterator[Index]:
    """Serve a package index; `address` is its URL, with credentials when it is private."""
    index = Index(files, private=private)
    expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append(self.path)
            if private and self.headers.get("Authorization") != expected:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            kind, _, name = self.path.strip("/").partition("/")
            page = index.page(name).encode() if kind == "simple" else b""
            data = index.files.get(name, page)
            self.send_response(200 if b"href" in data or name in index.files else 404)
            self.send_header("Content-Type", "text/html" if kind == "simple" else "application/octet-stream")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_HEAD(self) -> None:
            # Without ranges, which uv would look for, it takes the whole file.
            self.send_response(405)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    login = f"{USER}:{PASSWORD}@" if private else ""
    index.address = f"http://{login}127.0.0.1:{server.server_address[1]}/simple"
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def shared_state(state_dir: Path, folder: Path) -> Path:
    """Make `folder` a state directory that shares roots and index files, which are slow to come by."""
    for name in ("roots", "downloads", "tools"):
        (state_dir / name).mkdir(exist_ok=True)
        (folder / name).symlink_to(state_dir / name)
    return folder


class Workshop:
    """Environments of one backend below one state directory."""

    def __init__(self, state: Path, backend: Backend) -> None:
        self.state, self.backend = state, backend
        self.environments = Environments(state, backend)
        self.progress: list[str] = []

    def build(self, spec: EnvironmentSpec, files: Mapping[str, str | bytes]) -> Environment:
        """Build an environment for a tree of these files."""
        return self.environments.build(spec, [tar(files)], on_progress=self.progress.append)

    def run(self, environment: Environment, files: Mapping[str, str | bytes], *argv: str) -> Result:
        """Run a command on a tree in an environment, generated files laid over it."""
        with contextlib.closing(self.backend.open(environment.spec(Limits()))) as sandbox:
            sandbox.unpack([tar(files)])
            overlay(sandbox)
            return sandbox.run(Command(argv, seconds=60))

    def python(self, environment: Environment, files: Mapping[str, str | bytes], program: str) -> str:
        """Return what a Python program prints in an environment."""
        result = self.run(environment, files, environment.python, "-c", program)
        assert result.ok, result.stdout.text + result.stderr.text
        return result.stdout.text.strip()
