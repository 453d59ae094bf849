"""Which repository a folder lies in, read from the files alone."""

from pathlib import Path


def checkout_of(folder: Path) -> Path | None:
    """Return the top of the repository that a folder lies in, None outside of any.

    Runs no git, which may run what a repository's settings name.
    """
    return next((one for one in (folder, *folder.parents) if _is_top(one)), None)


def _is_top(folder: Path) -> bool:
    """Say whether a folder is the top of a repository, of a linked working tree or of a submodule."""
    git = folder / ".git"
    try:
        return git.is_file() or (git / "HEAD").is_file()
    except OSError:
        # A name that is too long, or a folder that may not be looked into.
        return False
