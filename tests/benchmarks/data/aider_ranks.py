"""Run by the Python that has aider: reads questions as JSON lines, answers with its repo map's ranking."""

import json
import os
import re
import sys
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


def mentioned(text, names):
    """Return identifiers and files that aider would take as mentioned, by its own rules."""
    words = set(re.split(r"\W+", text))
    stripped = {word.rstrip(",.!;:?").strip("\"'`*_") for word in text.split()}
    files = {name for name in names if name in stripped}
    by_base = {}
    for name in names:
        by_base.setdefault(os.path.basename(name), set()).add(name)
        stem = os.path.splitext(os.path.basename(name))[0].lower()
        if len(stem) >= 5 and stem in {word.lower() for word in words}:
            files.add(name)
    for base, whole in by_base.items():
        if len(whole) == 1 and base in stripped:
            files |= whole
    return words, files


def main():
    model = SimpleNamespace(token_count=lambda text: len(text) // 4)
    maps = {}
    for line in sys.stdin:
        asked = json.loads(line)
        root = asked["root"]
        made = maps.setdefault(root, RepoMap(map_tokens=1024, root=root, main_model=model, io=Quiet()))
        words, files = mentioned(asked["text"], asked["paths"])
        names = [os.path.join(root, path) for path in asked["paths"]]
        tags = made.get_ranked_tags([], names, files, words)
        ranked = [[tag[0], getattr(tag, "line", -1) + 1, getattr(tag, "name", "")] for tag in tags]
        print(json.dumps(ranked), flush=True)


main()
