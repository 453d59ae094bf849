"""The index follows the working tree while it changes."""

import queue
import threading

from agent.index.code_index import CodeIndex
from agent.index.watch import snapshots
from agent.repo.store import Store


def test_changes_of_files_and_of_head_are_followed(project):
    project.commit({"a.py": "def first(): pass\n"})
    project.git("checkout", "-q", "-b", "other")
    project.commit({"a.py": "def on_other(): pass\n"})
    project.git("checkout", "-q", "main")
    seen: queue.Queue[set[str]] = queue.Queue()
    stop = threading.Event()
    store = Store.open(project.root, project.state)

    def follow() -> None:
        with CodeIndex(store) as index:
            for view in snapshots(store, index, stop):
                seen.put({definition.name for definition in view.definitions("a.py")})

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        assert seen.get(timeout=60) == {"first"}
        project.write({"a.py": "def second(): pass\n"})
        while seen.get(timeout=60) != {"second"}:
            pass
        project.git("checkout", "-q", "-f", "other")
        while seen.get(timeout=60) != {"on_other"}:
            pass
    finally:
        stop.set()
        thread.join(timeout=60)
    assert not thread.is_alive()
