"""Files going in and out of the workspace, safe against whatever the tested code planted there."""

import errno
import os
import stat
import time

import worker_tar

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
MOST_FILES = 100000
# Each level costs a descriptor, and a tree of the tested code may be deeper than any honest one.
DEEPEST = 200


def is_full(error):
    """True for an error that says the disk is full."""
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def encode(path):
    """Return a path of the protocol as bytes of the file system."""
    return path.encode("utf-8", "surrogateescape")


def decode(path):
    """Return bytes of the file system as a path of the protocol."""
    return path.decode("utf-8", "surrogateescape")


def split(path):
    """Return the components of a relative path of bytes; raises ValueError when it could leave its root."""
    parts = [part for part in path.split(b"/") if part not in (b"", b".")]
    if path.startswith(b"/") or b".." in parts or b"\0" in path or not parts:
        raise ValueError("path leaves the workspace: %r" % decode(path))
    return parts


class Folder(object):
    """A directory as the root of all file work; no component below it is followed when it is a symlink."""

    def __init__(self, path):
        os.makedirs(path, exist_ok=True)
        self.root = os.open(path, DIRECTORY)
        self._last = None, -1

    def close(self):
        """Give the descriptors back."""
        self._forget()
        os.close(self.root)

    def parent(self, parts, make):
        """Return a descriptor of the directory that holds the last part, valid until the next call."""
        folder = tuple(parts[:-1])
        if folder != self._last[0]:
            self._forget()
            self._last = folder, self._walk(folder, make)
        return self._last[1]

    def _forget(self):
        if self._last[1] >= 0:
            os.close(self._last[1])
        self._last = None, -1

    def _walk(self, folder, make):
        fd = os.dup(self.root)
        for part in folder:
            try:
                below = self._enter(fd, part, make)
            finally:
                os.close(fd)
            fd = below
        return fd

    @staticmethod
    def _enter(fd, part, make):
        if make:
            try:
                os.mkdir(part, 0o755, dir_fd=fd)
            except FileExistsError:
                pass
        try:
            return os.open(part, DIRECTORY, dir_fd=fd)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise ValueError("not a directory, or a symbolic link: %r" % decode(part)) from None
            raise

    def clear(self, parts):
        """Make way for a new file or link; returns the mode of a regular file that was there, else None."""
        fd = self.parent(parts, make=True)
        try:
            old = os.lstat(parts[-1], dir_fd=fd)
        except FileNotFoundError:
            return None
        if stat.S_ISDIR(old.st_mode):
            raise ValueError("a directory is in the way: %r" % decode(b"/".join(parts)))
        os.unlink(parts[-1], dir_fd=fd)
        return stat.S_IMODE(old.st_mode) if stat.S_ISREG(old.st_mode) else None

    def create(self, parts, mode):
        """Open a new regular file for writing, replacing what was there; mode None keeps the old mode."""
        old = self.clear(parts)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(parts[-1], flags, 0o600, dir_fd=self.parent(parts, make=True))
        if mode is None:
            mode = 0o644 if old is None else old
        os.fchmod(fd, (mode & 0o777) | 0o600)
        return fd

    def remove(self, parts):
        """Remove a file or link if it is there."""
        try:
            os.unlink(parts[-1], dir_fd=self.parent(parts, make=False))
        except FileNotFoundError:
            pass


def write_all(fd, data):
    """Write all bytes to a descriptor."""
    with memoryview(data) as view:
        done = 0
        while done < len(view):
            done += os.write(fd, view[done:])


class Files(object):
    """The workspace as the host sees it: unpack, put and read."""

    def __init__(self, workspace):
        self._workspace = workspace
        self._clock = 0

    def unpack(self, target, chunks):
        """Extract a tar stream below `target`; the stream is always taken to its end."""
        try:
            folder = Folder(target)
            try:
                count = worker_tar.extract(chunks, folder)
            finally:
                folder.close()
        finally:
            for _ in chunks:
                pass
        return {"op": "done", "files": count}, b""

    def put(self, files, payload):
        """Write or remove files: (path, size or None for removal), contents one after the other."""
        folder, start = Folder(self._workspace), 0
        # Bytecode is trusted when second and size of its source agree: no two versions may share a second.
        self._clock = max(int(time.time()), self._clock + 1)
        try:
            for path, size in files:
                parts = split(encode(path))
                if size is None:
                    folder.remove(parts)
                    continue
                fd = folder.create(parts, None)
                try:
                    write_all(fd, payload[start : start + size])
                    os.utime(fd, (self._clock, self._clock))
                finally:
                    os.close(fd)
                start += size
        finally:
            folder.close()
        return {"op": "done", "files": len(files)}, b""

    def read(self, pattern, max_bytes):
        """Return the regular files that match, in order of their paths, as many as fit."""
        found, contents, room = [], [], max_bytes
        folder = Folder(self._workspace)
        try:
            for path in sorted(set(_match(folder.root, split(encode(pattern)), b"", DEEPEST))):
                parts = path.split(b"/")
                data = _content(folder.parent(parts, make=False), parts[-1], room)
                if data is not None and len(found) < MOST_FILES:
                    found.append([decode(path), len(data)])
                    contents.append(data)
                    room -= len(data)
        finally:
            folder.close()
        return {"op": "files", "files": found}, b"".join(contents)


def _match(folder, parts, prefix, depth):
    """Yield the paths of matching files; `**` stands for any number of directories."""
    # It would double the time that the worker takes to start.
    import fnmatch

    first, rest = parts[0], parts[1:]
    if first == b"**":
        for path in _match(folder, rest or [b"*"], prefix, depth):
            yield path
    for name in os.listdir(folder):
        name = os.fsencode(name)
        if first == b"**":
            below = parts
        elif fnmatch.fnmatchcase(name, first):
            below = rest
        else:
            continue
        if not below:
            yield prefix + name
        elif depth:
            for path in _below(folder, name, below, prefix, depth - 1):
                yield path


def _below(folder, name, parts, prefix, depth):
    try:
        fd = os.open(name, DIRECTORY, dir_fd=folder)
    except OSError:
        return
    try:
        for path in _match(fd, parts, prefix + name + b"/", depth):
            yield path
    finally:
        os.close(fd)


def _content(folder, name, room):
    """Return the bytes of a regular file that fits, else None; never waits on a pipe nor follows a link."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > room:
            return None
        data = bytearray()
        while len(data) <= room:
            piece = os.read(fd, 1 << 20)
            if not piece:
                return bytes(data)
            data += piece
        return None
    finally:
        os.close(fd)
