"""requirements.txt files, read as data: names, bounds and includes inside the tree, nothing else."""

import posixpath
import re

from agent.verify.manifests import Files, Wanted, fetchable

_DEEPEST = 8
_OPTION = re.compile(r"^(-{1,2}[A-Za-z][A-Za-z-]*)(?:[=\s]\s*|(?<=^-[a-zA-Z]))(.*)$")
_INDEX_OPTIONS = {
    *("-i", "--index-url", "--pypi-url", "--extra-index-url", "--no-index", "-f", "--find-links"),
    *("--trusted-host", "--use-feature"),
}
_HARMLESS = {"--pre", "--prefer-binary", "--require-hashes", "--only-binary", "--no-binary"}
_OWN_TREE = re.compile(r"^(?:file:)?(?:\.|\./|\$\{?PWD\}?)(?:\[([^\]]*)\])?$")


def read_requirements(files: Files, path: str) -> Wanted:
    """Read a requirements file and what it includes."""
    return _read(files, posixpath.normpath(path), constraint=False, above=())


def read_lines(files: Files, text: str, where: str) -> Wanted:
    """Read lines in the format of a requirements file, such as those of a tox section."""
    return _lines(files, text, where, folder="", constraint=False, above=())


def _read(files: Files, path: str, *, constraint: bool, above: tuple[str, ...]) -> Wanted:
    if path in above or len(above) > _DEEPEST:
        return Wanted()
    if path not in files:
        where = above[-1] if above else path
        return Wanted(notes=(f"{where}: cannot be fetched, {path} is not a file of the tree",))
    folder = posixpath.dirname(path)
    return _lines(files, files.text(path), path, folder=folder, constraint=constraint, above=(*above, path))


def _lines(
    files: Files, text: str, where: str, *, folder: str, constraint: bool, above: tuple[str, ...]
) -> Wanted:
    found = Wanted()
    for line in _logical(text):
        option = _OPTION.match(line)
        if option is None:
            found += _stated(line, where, constraint)
        elif option[1] in ("-r", "--requirement", "-c", "--constraint"):
            bound = constraint or option[1] in ("-c", "--constraint")
            target = posixpath.normpath(posixpath.join(folder, option[2].strip().strip("\"'")))
            found += _read(files, target, constraint=bound, above=above or (where,))
        else:
            found += _other(option[1], option[2].strip(), where, line)
    return found


def _logical(text: str) -> list[str]:
    joined = re.sub(r"\\\n", " ", text)
    stripped = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in joined.splitlines())
    return [line for line in stripped if line]


def _stated(line: str, where: str, constraint: bool) -> Wanted:
    if own := _OWN_TREE.match(line):
        return Wanted(extras=_extras(own[1]))
    if "${" in line:
        return Wanted(notes=(f"{where}: cannot be fetched, variables are not filled in: {line[:200]}",))
    wanted = fetchable([line], where)
    if not constraint:
        return wanted
    bounds = tuple(requirement.split(" --hash=")[0] for requirement in wanted.requirements)
    return Wanted(constraints=bounds, notes=wanted.notes)


def _other(option: str, value: str, where: str, line: str) -> Wanted:
    if option in ("-e", "--editable") and (own := _OWN_TREE.match(value)):
        return Wanted(extras=_extras(own[1]))
    if option in ("-e", "--editable"):
        return Wanted(notes=(f"{where}: cannot be fetched, only package indexes are used: {line[:200]}",))
    if option in _INDEX_OPTIONS:
        said = "not obeyed, indexes come from the user's own configuration"
        return Wanted(notes=(f"{where}: {option} is {said}",))
    if option in _HARMLESS:
        return Wanted()
    return Wanted(notes=(f"{where}: not understood: {line[:200]}",))


def _extras(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())
