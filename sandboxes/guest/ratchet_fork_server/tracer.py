"""Records which lines of the project each test runs, in memory that outlives the process."""

import dis
import mmap
import os
import struct
import sys
import threading

from ratchet_fork_server.executed import free_tool

CAPACITY = 32 * 1024 * 1024
_HEAD = struct.Struct("<I")
_RECORD = struct.Struct("<II")
_FILE = 0xFFFFFFFF
_TEST = 0xFFFFFFFE
_NONE = 0xFFFFFFFD
_LOCKED = 1.0
IMPORTS = _NONE
"""The test number of lines that ran before any test."""


class Log:
    """Records of two numbers in shared memory: a process that is killed leaves what it wrote."""

    def __init__(self):
        self._memory = mmap.mmap(-1, CAPACITY)
        self._end = _HEAD.size
        self._lock = threading.Lock()

    def add(self, first, second, data=b""):
        """Append one record and the bytes that belong to it; a full log drops it."""
        # Bounded: in a process forked while another thread held the lock, nobody gives it back.
        if not self._lock.acquire(timeout=_LOCKED):
            return
        try:
            end = self._end + _RECORD.size + len(data)
            if end <= CAPACITY:
                _RECORD.pack_into(self._memory, self._end, first, second)
                self._memory[self._end + _RECORD.size : end] = data
                self._end = end
                _HEAD.pack_into(self._memory, 0, end)
        finally:
            self._lock.release()

    def lines(self):
        """Return {test number: {path: sorted lines}} of everything written so far."""
        (end,) = _HEAD.unpack_from(self._memory, 0)
        position, files, test, found = _HEAD.size, [], IMPORTS, {}
        while position < min(end, CAPACITY):
            first, second = _RECORD.unpack_from(self._memory, position)
            position += _RECORD.size
            if first == _FILE:
                files.append(self._memory[position : position + second].decode("utf-8", "surrogateescape"))
                position += second
            elif first == _TEST:
                test = second
            elif first < len(files) and test != _NONE - 1:
                found.setdefault(test, {}).setdefault(files[first], set()).add(second)
        return {test: {path: sorted(lines) for path, lines in paths.items()} for test, paths in found.items()}

    def close(self):
        """Give the memory back."""
        self._memory.close()


def body_lines(code):
    """Return the lines on which a trace function can expect line events."""
    lines = {line for _, line in dis.findlinestarts(code) if line}
    return lines - {code.co_firstlineno} if len(lines) > 1 and code.co_name != "<module>" else lines


class Tracer:
    """Feeds a Log with the lines of files under `root`, paths relative to it."""

    def __init__(self, root, log):
        self._root = os.path.realpath(root) + os.sep
        self._log = log
        self._numbers = {}
        self._codes = {}
        self._local = set()
        self._missing = {}
        self._tool = None

    def start(self):
        """Record from now on; lines before the first test count as imports."""
        monitoring = getattr(sys, "monitoring", None)
        if monitoring is not None:
            self._tool = free_tool(monitoring, "ratchet-tracer")
        if self._tool is None:
            threading.settrace(self._called)
            sys.settrace(self._called)
            return
        events = monitoring.events
        monitoring.register_callback(self._tool, events.PY_START, self._started)
        monitoring.register_callback(self._tool, events.PY_RESUME, self._started)
        monitoring.register_callback(self._tool, events.LINE, self._line)
        monitoring.set_events(self._tool, events.PY_START | events.PY_RESUME)

    def begin(self, test):
        """Record for this test number, every line anew."""
        self._log.add(_TEST, test)
        self._missing.clear()
        if self._tool is not None:
            sys.monitoring.restart_events()
        elif sys.gettrace() != self._called:
            sys.settrace(self._called)

    def end(self):
        """Record for no test until the next one begins."""
        self._log.add(_TEST, _NONE - 1)

    def _number(self, code):
        """Return the number of the file that code stands in, None when it is not of the project."""
        # By identity: hashing a code object walks all of it. Keeping it keeps the identity its own.
        known = self._codes.get(id(code))
        if known is None:
            path = os.path.realpath(code.co_filename)
            ours = path.startswith(self._root) and not code.co_filename.startswith("<")
            known = self._codes[id(code)] = (self._file(path[len(self._root) :]) if ours else None, code)
        return known[0]

    def _file(self, path):
        if path not in self._numbers:
            data = path.encode("utf-8", "surrogateescape")
            self._log.add(_FILE, len(data), data)
            self._numbers[path] = len(self._numbers)
        return self._numbers[path]

    def _started(self, code, offset):
        if id(code) not in self._local and self._number(code) is not None:
            self._local.add(id(code))
            sys.monitoring.set_local_events(self._tool, code, sys.monitoring.events.LINE)
        return sys.monitoring.DISABLE

    def _line(self, code, line):
        number = self._number(code)
        if number is not None:
            self._log.add(number, line)
        return sys.monitoring.DISABLE

    def _called(self, frame, event, argument):
        code = frame.f_code
        number = self._number(code)
        if number is None:
            return None
        missing = self._missing.get(id(code))
        if missing is None:
            missing = self._missing[id(code)] = body_lines(code)
        return self._lines_of(number, missing) if missing else None

    def _lines_of(self, number, missing):
        def local(frame, event, argument):
            line = frame.f_lineno
            if line in missing:
                missing.discard(line)
                self._log.add(number, line)
                if not missing:
                    frame.f_trace_lines = False
            return local

        return local
