"""Notes which functions of the project ran while it was imported."""

import os
import sys


class Executed:
    """Collects the code objects under `root` that start between `start` and `stop`."""

    def __init__(self, root):
        self._codes = {}
        self._root = os.path.realpath(root) + os.sep
        self._tool = None

    def start(self):
        """Watch from now on."""
        monitoring = getattr(sys, "monitoring", None)
        if monitoring is None:
            sys.setprofile(self._profile)
            return
        self._tool = free_tool(monitoring, "ratchet-executed")
        if self._tool is not None:
            monitoring.register_callback(self._tool, monitoring.events.PY_START, self._started)
            monitoring.set_events(self._tool, monitoring.events.PY_START)

    def stop(self):
        """Watch no more."""
        if self._tool is not None:
            sys.monitoring.set_events(self._tool, 0)
            sys.monitoring.register_callback(self._tool, sys.monitoring.events.PY_START, None)
            sys.monitoring.free_tool_id(self._tool)
        elif sys.getprofile() == self._profile:
            sys.setprofile(None)

    @property
    def codes(self):
        """Return the code objects that ran."""
        return list(self._codes.values())

    def _started(self, code, offset):
        if code.co_filename.startswith(self._root):
            self._codes[id(code)] = code
        return sys.monitoring.DISABLE

    def _profile(self, frame, event, argument):
        if event == "call" and frame.f_code.co_filename.startswith(self._root):
            self._codes[id(frame.f_code)] = frame.f_code


def free_tool(monitoring, name):
    """Claim one of the tool numbers that nobody uses, or None."""
    for tool in (3, 4, 5, 2, 1, 0):
        if monitoring.get_tool(tool) is None:
            monitoring.use_tool_id(tool, name)
            return tool
    return None
