"""Artefacts from the index, by content: downloaded once, checked against the hash the index names."""

import contextlib
import hashlib
import os
import shutil
import ssl
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit
from urllib.response import addinfourl

from sandboxes.errors import EnvironmentBroken
from sandboxes.fetch.indexes import authorization, redacted
from sandboxes.fetch.resolution import Artefact

_AT_ONCE = 8
_ATTEMPTS = 3
_SILENCE = 60.0
_CHUNK = 256 * 1024
_LARGEST = 8 * 1024**3
_SCHEMES = ("https", "http", "file")


class Downloads:
    """A folder of index files; it holds nothing that anybody built."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    def fetch(
        self,
        artefacts: Sequence[Artefact],
        target: Path,
        *,
        on_progress: Callable[[str], None],
        cancel: threading.Event | None = None,
    ) -> None:
        """Put files into `target` under their own names; raises EnvironmentBroken."""
        missing = [artefact for artefact in artefacts if not self._path(artefact).exists()]
        if missing:
            size = sum(artefact.size for artefact in missing) / 1e6
            of_size = f" ({size:.1f} MB)" if size else ""
            on_progress(f"downloading {len(missing)} package{'s' * (len(missing) > 1)}{of_size}")
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="ratchet-download") as pool:
            waiting = [pool.submit(self._download, artefact, cancel) for artefact in missing]
            for download in waiting:
                download.result()
        for artefact in artefacts:
            _place(self._path(artefact), target / artefact.filename)

    def _path(self, artefact: Artefact) -> Path:
        name = artefact.sha256 or "url-" + hashlib.sha256(artefact.url.encode()).hexdigest()
        return self._folder / name[:2] / name / Path(artefact.filename).name

    def _download(self, artefact: Artefact, cancel: threading.Event | None) -> None:
        for attempt in range(_ATTEMPTS):
            if cancel is not None and cancel.is_set():
                raise EnvironmentBroken("Building the environment was cancelled.")
            try:
                return self._download_once(artefact, cancel)
            except urllib.error.HTTPError as refused:
                last: Exception = refused
                if refused.code < 500 and refused.code != 429:
                    break
            except (OSError, HTTPException) as failed:
                last = failed
            time.sleep(0.5 * 2**attempt)
        raise EnvironmentBroken(
            f"Cannot download {artefact.filename}: {redacted(str(last))}.",
            hint="Check the network and the index in your pip or uv configuration.",
            log=redacted(artefact.url),
        )

    def _download_once(self, artefact: Artefact, cancel: threading.Event | None) -> None:
        path = self._path(artefact)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as file, self._open(artefact.url) as response:
                digest = _copy(response.read, file.write, cancel)
            if artefact.sha256 and digest != artefact.sha256:
                raise EnvironmentBroken(
                    f"{artefact.filename} is not the file its index promised.",
                    hint="The index or a proxy on the way served other content; ask who runs it.",
                    log=f"promised sha256 {artefact.sha256}, received {digest}",
                )
            # mkstemp makes it private; a sandbox reads it as another user.
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()

    def _open(self, url: str) -> addinfourl:
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES:
            raise EnvironmentBroken(f"The package index names an address of an unknown kind: {parts.scheme}.")
        netloc = parts.netloc.rpartition("@")[2]
        request = urllib.request.Request(parts._replace(netloc=netloc, fragment="").geturl())
        if parts.scheme != "file" and (header := authorization(url, self._environment)):
            # Not sent on to another host when the index redirects.
            request.add_unredirected_header("Authorization", header)
        opened = urllib.request.urlopen(request, timeout=_SILENCE, context=self._trust(parts.hostname or ""))
        return cast(addinfourl, opened)

    def _trust(self, host: str) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._environment.get("SSL_CERT_FILE") or None)
        insecure = {name.partition(":")[0] for name in self._environment.get("UV_INSECURE_HOST", "").split()}
        if host in insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _copy(read: Callable[[int], bytes], write: Callable[[bytes], int], cancel: threading.Event | None) -> str:
    digest, total = hashlib.sha256(), 0
    while chunk := read(_CHUNK):
        total += len(chunk)
        if total > _LARGEST or (cancel is not None and cancel.is_set()):
            raise EnvironmentBroken("The download was cancelled or too large.")
        digest.update(chunk)
        write(chunk)
    return digest.hexdigest()


def _place(source: Path, target: Path) -> None:
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
