"""Brings a daemon or worker of the tests down at one named call; Python imports this by itself."""

import functools
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

_ROLES = {
    "agent": "command",
    "agent.daemon": "daemon",
    "agent.daemon.worker_process": "worker",
    "agent.daemon.reap": "reap",
}


class Trigger:
    """The call at which this process has to end or to stop, once for all processes."""

    def __init__(self, file: Path, role: str) -> None:
        wanted = json.loads(file.read_text())
        self.module, _, self.path = wanted["target"].partition(":")
        self._after: bool = wanted["after"]
        self._given: list[str] = wanted["given"]
        self._left: int = wanted["nth"]
        self._action: str = wanted["action"]
        self._mark = file.with_suffix(".fired")
        self._role = role

    def set(self, module: ModuleType) -> None:
        """Put the trigger around the named function of a module that was just imported."""
        *outer, name = self.path.split(".")
        holder: Any = functools.reduce(getattr, outer, module)
        found = inspect.getattr_static(holder, name)
        if isinstance(found, classmethod | staticmethod):
            setattr(holder, name, type(found)(self._around(found.__func__)))
        else:
            setattr(holder, name, self._around(found))

    def _around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                self._before(args, kwargs)
                result = await function(*args, **kwargs)
                self._behind(args, kwargs, result)
                return result

            return awaited

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            self._before(args, kwargs)
            result = function(*args, **kwargs)
            self._behind(args, kwargs, result)
            return result

        return called

    def _before(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not self._after:
            self._fire_if((*args, *kwargs.values()))

    def _behind(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        if self._after:
            self._fire_if((*args, *kwargs.values(), result))

    def _fire_if(self, seen: tuple[Any, ...]) -> None:
        words = {word for each in seen for word in (type(each).__name__, each) if isinstance(word, str)}
        if not words.issuperset(self._given):
            return
        self._left -= 1
        if self._left == 0 and self._is_first():
            _ACTIONS[self._action](self._role)

    def _is_first(self) -> bool:
        try:
            mark = os.open(self._mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            return False
        os.write(mark, f"{self._role} {os.getpid()}".encode())
        os.close(mark)
        return True


class TriggerSetter(importlib.abc.MetaPathFinder):
    """Finds the trigger's module as everybody would, and sets the trigger once it is loaded."""

    def __init__(self, trigger: Trigger) -> None:
        self._trigger = trigger

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the usual spec, with a loader that does a bit more."""
        if fullname != self._trigger.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        load, trigger = spec.loader.exec_module, self._trigger

        def exec_module(module: ModuleType) -> None:
            load(module)
            trigger.set(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _kill(role: str) -> None:
    """End the daemon with its process group, and the worker that this is, at this very moment."""
    if role == "worker":
        os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)
    os.killpg(os.getpgid(0), signal.SIGKILL)


def _stop(_: str) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


_ACTIONS: dict[str, Callable[[str], None]] = {"kill": _kill, "stop": _stop}


def _begin(folder: Path) -> None:
    role = next((_ROLES[word] for word in sys.orig_argv if word in _ROLES), None)
    if role is None:
        return
    with (folder / "processes").open("a") as file:
        file.write(f"{role} {os.getpid()}\n")
    waiting = [file for file in sorted(folder.glob("*.json")) if not file.with_suffix(".fired").exists()]
    if waiting:
        sys.meta_path.insert(0, TriggerSetter(Trigger(waiting[0], role)))


if "RATCHET_TEST_TRIGGERS" in os.environ:
    _begin(Path(os.environ["RATCHET_TEST_TRIGGERS"]))
