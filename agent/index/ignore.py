"""Which paths are not worth indexing: other people's code, and what `.ratchetignore` names."""

import re
from collections.abc import Mapping

from pathspec import GitIgnoreSpec

from agent.protocol.errors import UsageError

IGNORE_FILE = ".ratchetignore"
_VENDORED = re.compile(
    r"(?:^|/)(?:node_modules|bower_components|third[_-]party|_?vendor(?:ed)?|site-packages|Pods|Godeps"
    r"|\.yarn|\.venv)/|\.min\.(?:js|css|mjs)$|(?:^|/)(?:package-lock\.json|yarn\.lock|pnpm-lock\.yaml"
    r"|poetry\.lock|uv\.lock|Cargo\.lock|go\.sum|composer\.lock|Gemfile\.lock)$",
)
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|e2e)/|(?:^|/)(?:test_[^/]*|conftest)\.pyi?$"
    r"|_(?:test|spec)\.\w+$|\.(?:test|spec)\.\w+$|(?:^|/)\w+Tests?\.(?:java|cs|php|kt)$|\.bats$"
)


def is_test_path(path: str) -> bool:
    """Return whether a path is one of tests, by the habits of every language."""
    return bool(_TESTS.search(path))


class Ignored:
    """Tells why a path is left out; the ignore file has the last word, `!` in it brings a path back."""

    def __init__(self, rules: bytes = b"") -> None:
        lines = rules.decode("utf-8", "replace").splitlines()
        try:
            self._spec = GitIgnoreSpec.from_lines(lines) if lines else None
        except ValueError as error:
            raise UsageError(f"{IGNORE_FILE}: {error}") from None

    def reason(self, path: str) -> str:
        """Return why a path is left out, "" when it is not."""
        ruled = self._spec.check_file(path).include if self._spec else None
        if ruled is not None:
            return "ignored" if ruled else ""
        return "vendored" if _VENDORED.search(path) else ""

    def reasons(self, paths: Mapping[str, object]) -> dict[str, str]:
        """Return the reason of each path that is left out."""
        return {path: reason for path in paths if (reason := self.reason(path))}
