"""The functions of the project that are alive in this process."""

import ast
import gc
import os
from types import AsyncGeneratorType, CoroutineType, FunctionType, GeneratorType

from ratchet_fork_server.swap import FUTURE_FLAGS, Module, NotSwappable, differences, whole


class LiveFunctions:
    """An index of live functions by where they were compiled from, made before `gc.freeze`."""

    def __init__(self, root, executed):
        self._root = os.path.realpath(root) + os.sep
        self._functions = {}
        self._suspended = set()
        self._flags = {}
        self._filenames = {}
        self._paths = {}
        self._executed = {self._place(code) for code in executed}
        for thing in gc.get_objects():
            self._note(thing)

    def _note(self, thing):
        kind = type(thing)
        if kind is FunctionType:
            place = self._place(thing.__code__)
            if place[0]:
                self._functions.setdefault(place, []).append(thing)
                self._filenames[place[0]] = thing.__code__.co_filename
                self._flags[place[0]] = thing.__code__.co_flags & FUTURE_FLAGS
        elif kind in (GeneratorType, CoroutineType, AsyncGeneratorType):
            code = getattr(thing, "gi_code", None) or getattr(thing, "cr_code", None) or thing.ag_code
            self._suspended.add(self._place(code))

    def _place(self, code):
        """Return (real path or "" when outside the tree, name, first line)."""
        return self._path(code.co_filename), code.co_name, code.co_firstlineno

    def _path(self, filename):
        if filename not in self._paths:
            path = os.path.realpath(filename)
            self._paths[filename] = path if path.startswith(self._root) else ""
        return self._paths[filename]

    def knows(self, path):
        """Tell whether functions of this file are alive."""
        return os.path.realpath(path) in self._filenames

    def module(self, path, content):
        """Return the parsed source of a file that functions are alive of."""
        path = os.path.realpath(path)
        return Module(self._filenames[path], content, self._flags[path], ast.parse)

    def swap(self, module, splices):
        """Put the edit into force; raises NotSwappable with nothing changed, or SyntaxError."""
        old, new = module.unchanged(splices), module.edited(splices)
        changes = []
        for before, after, outermost, changed in differences(old, new):
            changes += self._changes(before, after, outermost, changed)
        for function, code in changes:
            function.__code__ = code

    def _changes(self, before, after, outermost, changed):
        place = self._place(before)
        if changed and place in self._executed:
            raise NotSwappable("%s ran during import" % before.co_name)
        if place in self._suspended:
            raise NotSwappable("%s is suspended in the middle" % before.co_name)
        namesakes = self._functions.get(place, [])
        wanted = whole(before)
        functions = [function for function in namesakes if whole(function.__code__) == wanted]
        if len(functions) < len(namesakes):
            raise NotSwappable("%s was compiled from something else" % before.co_name)
        if outermost and not functions:
            raise NotSwappable("%s is no live function" % before.co_name)
        if functions and before.co_freevars != after.co_freevars:
            raise NotSwappable("%s closes over other variables" % before.co_name)
        return [(function, after) for function in functions]
