"""Extraction of a plain tar stream: ustar, pax and GNU long names; files, directories and links only."""

import os

import worker_files

BLOCK = 512
DIRECTORY, LINK, SYMLINK = b"5", b"1", b"2"
FILES = (b"0", b"\0", b"7")


class Stream(object):
    """Exact reads from an iterator of byte chunks."""

    def __init__(self, chunks):
        self._chunks = iter(chunks)
        self._data = bytearray()

    def take(self, size):
        """Return exactly `size` bytes; raises ValueError at an early end."""
        while len(self._data) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                raise ValueError("the tar stream ends early")
            self._data += chunk
        data = bytes(self._data[:size])
        del self._data[:size]
        return data

    def pieces(self, size):
        """Yield `size` bytes in pieces, and skip the padding after them."""
        padding = -size % BLOCK
        while size:
            piece = self.take(min(size, 1 << 20))
            size -= len(piece)
            yield piece
        self.take(padding)

    def whole(self, size):
        """Return `size` bytes, and skip the padding after them."""
        return b"".join(self.pieces(size))


def extract(chunks, folder):
    """Write the members below a Folder; returns how many there were; raises ValueError for a bad one."""
    stream, count, extra = Stream(chunks), 0, {}
    while True:
        header = stream.take(BLOCK)
        if not header.strip(b"\0"):
            return count
        _verify(header)
        kind, size = header[156:157], _number(header[124:136])
        if kind in (b"x", b"g", b"L", b"K"):
            extra.update(_extension(kind, stream.whole(size)))
            continue
        _member(stream, header, kind, extra, folder)
        extra, count = {}, count + 1


def _extension(kind, data):
    if kind == b"g":
        return {}
    if kind == b"x":
        return _pax(data)
    return {b"path" if kind == b"L" else b"linkpath": data.rstrip(b"\0")}


def _pax(data):
    records = {}
    while data:
        length, _, _ = data.partition(b" ")
        size = int(length)
        if size <= len(length) + 1 or size > len(data):
            raise ValueError("bad pax record")
        key, _, value = data[len(length) + 1 : size - 1].partition(b"=")
        records[key] = value
        data = data[size:]
    return records


def _member(stream, header, kind, extra, folder):
    size = int(extra[b"size"]) if b"size" in extra else _number(header[124:136])
    path = extra.get(b"path") or _name(header)
    target = extra.get(b"linkpath") or header[157:257].split(b"\0")[0]
    if kind == DIRECTORY:
        if path.strip(b"./"):
            folder.parent([*worker_files.split(path), b"."], make=True)
    elif kind == SYMLINK:
        parts = worker_files.split(path)
        folder.clear(parts)
        os.symlink(target, parts[-1], dir_fd=folder.parent(parts, make=True))
    elif kind == LINK:
        _copy(folder, worker_files.split(target), worker_files.split(path))
    elif kind in FILES:
        mode, mtime = _number(header[100:108]), _number(header[136:148])
        _file(stream, size, folder, worker_files.split(path), mode, mtime)
        return
    else:
        raise ValueError("tar member of an unsupported kind: %r" % worker_files.decode(path))
    stream.whole(size if kind != LINK else 0)


def _file(stream, size, folder, parts, mode, mtime):
    fd = folder.create(parts, 0o755 if mode & 0o100 else 0o644)
    try:
        for piece in stream.pieces(size):
            worker_files.write_all(fd, piece)
        if mtime:
            os.utime(fd, (mtime, mtime))
    finally:
        os.close(fd)


def _copy(folder, source, parts):
    """A hard link becomes a copy: editing one file of the tree must never change another."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(source[-1], flags, dir_fd=folder.parent(source, make=False)), "rb") as file:
        data, mode = file.read(), os.fstat(file.fileno()).st_mode
    fd = folder.create(parts, mode)
    try:
        worker_files.write_all(fd, data)
    finally:
        os.close(fd)


def _name(header):
    name, prefix = header[:100].split(b"\0")[0], b""
    if header[257:262] == b"ustar" and header[262:263] == b"\0":
        prefix = header[345:500].split(b"\0")[0]
    return prefix + b"/" + name if prefix else name


def _number(field):
    if field[0] & 0x80:
        return int.from_bytes(field, "big") & ~(0x80 << (8 * (len(field) - 1)))
    return int(field.split(b"\0")[0].strip() or b"0", 8)


def _verify(header):
    total = sum(header) - sum(header[148:156]) + 8 * ord(" ")
    if total != _number(header[148:156]):
        raise ValueError("bad checksum in the tar stream")
