"""Build an environment inside a sandbox: offline, from a folder of wheels and source distributions.

Reads a plan as JSON on standard input and writes its result as JSON to the report descriptor.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time

SKIPPED_FOLDERS = ("__pycache__", ".git", ".hg", ".pytest_cache", ".mypy_cache", "node_modules")
MAX_FILES = 20000
TAIL = 20000
NO_EDITABLE = re.compile(
    r"build_editable|does not support editable|editable mode.*not supported", re.IGNORECASE
)
OLD_STYLE = re.compile(NO_EDITABLE.pattern + r"|ModuleNotFoundError|No module named", re.IGNORECASE)
NOT_FETCHED = re.compile(r"\b([A-Za-z0-9][A-Za-z0-9._-]*)(?:[<>=!~][^\s]*)? was not found in the provided")
ONLY_OTHER = re.compile(
    r"(?:[Bb]ecause|and) only ([A-Za-z0-9][A-Za-z0-9._-]*?)(?:[<>=!~][^\s]*)? is available"
)


class Failed(Exception):
    """A step ended with an error; carries its name and the last of its output."""

    def __init__(self, step, output):
        super().__init__(step)
        self.step = step
        self.output = output


class Build:
    """One environment at `env` for the tree at `workspace`."""

    def __init__(self, places, plan):
        self.places = places
        self.plan = plan
        self.python = os.path.join(places.env, "bin", "python")
        self.seconds = {}
        self.cache = os.path.join(places.env, ".uv-cache")

    def run(self):
        """Do all steps; raises Failed."""
        tree = set(_files(self.places.workspace))
        self.step("creating the environment", self.create)
        if self.plan["pins"]:
            self.step("installing the packages (%d)" % len(self.plan["pins"]), self.install)
        for command in self.plan["setup"]:
            self.step("running " + command, self.command, command)
        if self.plan["project"]:
            self.step("installing the project", self.install_project)
        self.step("keeping generated files", self.keep_generated, tree)
        shutil.rmtree(self.cache, ignore_errors=True)

    def step(self, name, do, *arguments):
        """Run one step, saying so first."""
        print("== " + name, flush=True)
        begun = time.monotonic()
        do(*arguments)
        self.seconds[name] = round(time.monotonic() - begun, 3)

    def create(self):
        """Make the virtual environment."""
        self.uv(["venv", "--quiet", "--allow-existing", "--python", self.places.python, self.places.env])

    def install(self):
        """Install the pinned packages, building those that have no wheel."""
        listed = os.path.join(self.places.env, ".pins.txt")
        with open(listed, "w") as file:
            file.write("".join(pin + "\n" for pin in self.plan["pins"]))
        self.uv([*self.pip_install(), "--no-deps", "--compile-bytecode", "--requirements", listed])
        os.unlink(listed)

    def install_project(self):
        """Install the tree editable, at a pinned version; old builds get what they were used to."""
        editable = ["--no-deps", "--editable", self.places.workspace]
        try:
            return self.uv([*self.pip_install(), *editable], self.plan["version_env"])
        except Failed as failed:
            if not self.plan["build_requires"] or not OLD_STYLE.search(failed.output):
                raise
        print("Trying again with the build requirements inside the environment.", flush=True)
        self.uv([*self.pip_install(), *self.plan["build_requires"]])
        try:
            self.uv([*self.pip_install(), "--no-build-isolation", *editable], self.plan["version_env"])
        except Failed as failed:
            if not NO_EDITABLE.search(failed.output):
                raise
            print("The build backend knows no editable install: using setup.py develop.", flush=True)
            setup = [self.python, "setup.py", "-q", "develop", "--no-deps"]
            self.call("setup.py develop", setup, self.plan["version_env"])

    def command(self, command):
        """Run one of the repository's own set-up commands."""
        self.call(command, ["/bin/sh", "-e", "-c", command], self.plan["version_env"])

    def pip_install(self):
        """Return how uv installs here."""
        options = ["--python", self.python, "--link-mode", "hardlink", "--no-sources"]
        return ["pip", "install", *options, "--no-index", "--find-links", self.places.wheels]

    def uv(self, arguments, more=None):
        """Run uv offline, away from any configuration of the repository."""
        options = ["--offline", "--no-config", "--no-progress", "--no-python-downloads"]
        argv = [self.places.uv, *options, "--cache-dir", self.cache, *arguments]
        self.call("uv " + arguments[0], argv, more or {})

    def call(self, name, argv, more):
        """Run a program, its output passed on; raises Failed."""
        environment = dict(os.environ, **more)
        environment["PATH"] = os.path.join(self.places.env, "bin") + os.pathsep + environment["PATH"]
        environment["VIRTUAL_ENV"] = self.places.env
        process = subprocess.Popen(
            argv,
            cwd=self.places.workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        kept = b""
        while True:
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                break
            kept = (kept + chunk)[-TAIL:]
            os.write(1, chunk)
        process.stdout.close()
        if process.wait() != 0:
            raise Failed(name, kept.decode("utf-8", "replace"))

    def keep_generated(self, tree):
        """Copy what the build made in the workspace, so that it can be laid over other trees."""
        overlay = os.path.join(self.places.env, "overlay")
        made = [name for name in _files(self.places.workspace) if name not in tree]
        for name in made[:MAX_FILES]:
            target = os.path.join(overlay, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(os.path.join(self.places.workspace, name), target, follow_symlinks=False)
        if len(made) > MAX_FILES:
            print("Only %d of %d generated files are kept." % (MAX_FILES, len(made)))


def _files(top):
    """Yield the files below a folder, relative to it, without caches."""
    for folder, names, files in os.walk(top):
        names[:] = [name for name in names if name not in SKIPPED_FOLDERS]
        links = [name for name in names if os.path.islink(os.path.join(folder, name))]
        for name in files + links:
            if not name.endswith(".pyc"):
                yield os.path.relpath(os.path.join(folder, name), top)


def _open_up(top):
    """Let the host's user remove what this user id made; the folder above keeps others out."""
    for folder, _, _ in os.walk(top):
        try:
            os.chmod(folder, 0o777)
        except OSError:
            pass


def _places():
    parser = argparse.ArgumentParser()
    for name in ("env", "workspace", "wheels", "uv", "python"):
        parser.add_argument("--" + name, required=True)
    return parser.parse_args()


def main():
    """Build, and report how it went."""
    os.umask(0o022)
    places = _places()
    build = Build(places, json.load(sys.stdin))
    result = {"step": "", "missing": []}
    try:
        build.run()
    except Failed as failed:
        found = NOT_FETCHED.findall(failed.output) + ONLY_OTHER.findall(failed.output)
        result = {"step": failed.step, "missing": sorted(set(found))}
    finally:
        _open_up(places.env)
    result["seconds"] = build.seconds
    os.write(int(os.environ["RATCHET_REPORT_FD"]), json.dumps(result).encode())
    sys.exit(1 if result["step"] else 0)


if __name__ == "__main__":
    main()
