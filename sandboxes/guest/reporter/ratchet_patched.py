"""Which functions of the test runner were replaced while the tested code ran.

PYTEST_DONT_REWRITE
"""

import sys
import types

_WATCHED = ("_pytest", "pluggy", "unittest")
_OURS = "ratchet_"
_SHOWN = 200


def snapshot():
    """Return the code of every function of the runner that is loaded now."""
    found = {}
    for name, module in list(sys.modules.items()):
        watched = name.partition(".")[0] in _WATCHED or name.startswith(_OURS)
        if watched and isinstance(module, types.ModuleType):
            _add_functions(found, name, vars(module), name)
    return found


def _add_functions(found, prefix, namespace, module, depth=0):
    for name, value in list(namespace.items()):
        code = _code(value)
        if code is not None:
            found[prefix + "." + name] = code
        elif depth == 0 and isinstance(value, type) and value.__module__ == module:
            _add_functions(found, prefix + "." + name, vars(value), module, 1)


def _code(value):
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    elif isinstance(value, property):
        value = value.fget
    elif isinstance(value, types.MethodType):
        value = value.__func__
    return getattr(value, "__code__", None) if isinstance(value, types.FunctionType) else None


def changed(before):
    """Return the names whose code is no longer what it was."""
    after = snapshot()
    return sorted(name for name, code in before.items() if after.get(name) is not code)[:_SHOWN]
