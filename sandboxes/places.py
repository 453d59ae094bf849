"""Where the paths of the contract really lie, for a backend that cannot mount."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sandboxes.sandbox import Command


@dataclass(frozen=True, slots=True)
class Places:
    """Contract path -> host path, for whole path prefixes; empty where mounts make the paths true."""

    paths: Mapping[str, str] = field(default_factory=dict)

    def path(self, text: str) -> str:
        """Return the text with every contract path in it replaced."""
        if not self.paths:
            return text
        known = "|".join(re.escape(path) for path in sorted(self.paths, key=len, reverse=True))
        return re.sub(rf"(?<![\w./-])(?:{known})(?![\w.-])", lambda found: self.paths[found[0]], text)

    def env(self, env: Mapping[str, str]) -> dict[str, str]:
        """Return the environment with its values replaced."""
        return {name: self.path(value) for name, value in env.items()}

    def command(self, command: Command) -> Command:
        """Return the command with arguments, folder and environment replaced."""
        if not self.paths:
            return command
        argv = tuple(self.path(argument) for argument in command.argv)
        return replace(command, argv=argv, cwd=self.path(command.cwd), env=self.env(command.env))


NOWHERE = Places()
"""Paths are what they say."""
