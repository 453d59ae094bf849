"""What the source says below each attribute of a class."""

import ast
import inspect
import itertools
import textwrap
from collections.abc import Mapping
from functools import cache


@cache
def attribute_docs(kind: type) -> Mapping[str, str]:
    """Return the docstrings of a class's attributes; empty where there is no source to read."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    except OSError:
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found = {}
    for one, following in itertools.pairwise(body):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and (said := _text(following)):
            found[one.target.id] = _plain(said)
    return found


def class_doc(kind: type) -> str:
    """Return what a class says about itself, without the name of its section."""
    said = inspect.getdoc(kind) or ""
    return _plain(said.partition(": ")[2] if said.startswith("`[") else said)


def _plain(said: str) -> str:
    """Return a docstring for somebody who writes TOML, which has no None."""
    words = (
        " ".join(inspect.cleandoc(said).split()).replace("None: ", "Not set: ").replace("None ", "not set ")
    )
    return words[:1].upper() + words[1:]


def _text(node: ast.stmt) -> str | None:
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ):
        return node.value.value
    return None
