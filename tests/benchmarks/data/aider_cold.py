"""Run by the Python that has aider: draws its repo map of a folder and says how many seconds that took."""

import json
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from aider.repomap import RepoMap


class Quiet:
    """What the repo map wants to talk to."""

    def read_text(self, name):
        return Path(name).read_text(encoding="utf-8", errors="replace")

    def tool_output(self, *args, **kwargs):
        pass

    tool_warning = tool_error = tool_output


def main():
    asked = json.load(sys.stdin)
    names = [os.path.join(asked["root"], path) for path in asked["paths"]]
    model = SimpleNamespace(token_count=lambda text: len(text) // 4)
    began = time.perf_counter()
    made = RepoMap(map_tokens=2048, root=asked["root"], main_model=model, io=Quiet())
    drawn = made.get_ranked_tags_map([], names)
    print(json.dumps({"seconds": time.perf_counter() - began, "characters": len(drawn or "")}))


main()
