"""The resident worker: runs one command at a time inside a sandbox and speaks frames on its standard streams.

Started as `python -I -S /opt/ratchet/worker.py [--own-pid-namespace]`. Best as process 1 of its own
PID namespace: the kernel then shields it from signals of the code it runs.
"""

import os
import sys

# -I keeps the script's own folder off the path; the folder is read-only, so no bytecode is written.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import worker_files  # noqa: E402
import worker_process  # noqa: E402
from worker_job import Job  # noqa: E402
from worker_wire import HostGone, Wire  # noqa: E402

PROTOCOL = 1
NOBODY = 65534


class Worker(object):
    """Answers the host's requests one after the other until the host is gone."""

    def __init__(self, wire, own_namespace):
        self._wire = wire
        self._settings = None
        self._own_namespace = own_namespace
        self._files = None

    def serve(self):
        """Answer requests until the host closes its end."""
        while True:
            header, payload = self._wire.receive()
            answer = getattr(self, "_" + header["op"], None)
            if answer is not None:
                answer(header, payload)

    def _hello(self, header, payload):
        self._settings = header
        worker_process.limit(header["rlimits"])
        self._files = worker_files.Files(header["workspace"])
        python = "%d.%d.%d" % sys.version_info[:3]
        self._wire.send({"op": "ready", "protocol": PROTOCOL, "python": python, "pid": os.getpid()})

    def _run(self, header, payload):
        job = Job(self._wire, header, payload, self._settings, self._own_namespace)
        try:
            job.attend()
        finally:
            gone = worker_process.kill_everything(self._own_namespace)
        if not gone:
            # What cannot be killed would meddle with the next command; ending the worker ends the namespace.
            raise HostGone
        job.drain()
        self._wire.send(*job.result())

    def _unpack(self, header, payload):
        self._answer_files(lambda: self._files.unpack(header["target"], self._chunks()))

    def _put(self, header, payload):
        self._answer_files(lambda: self._files.put(header["files"], payload))

    def _read(self, header, payload):
        self._answer_files(lambda: self._files.read(header["pattern"], header["max_bytes"]))

    def _chunks(self):
        while True:
            header, payload = self._wire.receive()
            if header["op"] == "end":
                return
            yield payload

    def _answer_files(self, work):
        try:
            header, payload = work()
        except (OSError, ValueError) as error:
            kind = "disk" if worker_files.is_full(error) else "refused"
            header, payload = {"op": "error", "kind": kind, "message": str(error)}, b""
        self._wire.send(header, payload)


def main():
    """Take the protocol off the standard streams, shut the process off, and serve."""
    wire = Wire(*worker_process.take_streams())
    worker_process.shield()
    # A mistaken flag on a host must never reach kill(-1), so the flag alone is not believed.
    isolated = os.getpid() == 1 or os.getuid() == NOBODY
    own_namespace = isolated and "--own-pid-namespace" in sys.argv[1:]
    try:
        Worker(wire, own_namespace).serve()
    except HostGone:
        worker_process.kill_everything(own_namespace)
        # Nothing is worth flushing, and the interpreter's own shutdown would only delay the end.
        os._exit(0)


if __name__ == "__main__":
    main()
