"""Git over HTTP: `git http-backend` behind tokens and the rules for pushes."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.forge import git
from tests.forge.exchange import Answer, Refused, may, sees
from tests.forge.tokens import Token
from tests.forge.world import Hosted, World

OURS = "refs/heads/ratchet/"
"""The only branches that a bot may push."""
_HOOK = """#!/bin/sh
# Called with a ref and where it stood and shall stand.
case "$FORGE_BOT $1" in
  yes\\ {ours}*) ;;
  yes\\ *) echo "$1" >>"$FORGE_REFUSED"; echo "the bot may not push $1" >&2; exit 1 ;;
esac
none=0000000000000000000000000000000000000000
for glob in $FORGE_PROTECTED; do
  case "$1" in
    refs/heads/$glob)
      if [ "$2" != $none ] && {{ [ "$3" = $none ] || ! git merge-base --is-ancestor "$2" "$3"; }}; then
        echo "protected branch: $1" >&2; exit 1
      fi ;;
  esac
done
exit 0
"""


@dataclass(frozen=True)
class Pushed:
    """What a push changed."""

    repository: Hosted
    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def moved(self) -> Mapping[str, tuple[str | None, str | None]]:
        """Return the branches that stand elsewhere now."""
        names = sorted({*self.before, *self.after})
        both = {name: (self.before.get(name), self.after.get(name)) for name in names}
        return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


def install_rules(path: Path) -> None:
    """Let a bare repository refuse what GitHub refuses, and whatever a bot may not do."""
    hook = path / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_HOOK.format(ours=OURS))
    hook.chmod(0o755)


def admitted(world: World, token: Token | None, name: str, service: str) -> Hosted:
    """Return the repository that somebody wants to fetch from or push to."""
    found = world.repository(name)
    if found is None or not sees(token, found):
        raise Refused(401 if token is None else 404, "Repository not found.")
    if service == "git-receive-pack":
        if token is None:
            raise Refused(401, "Authentication required")
        if not may(token, found, "contents:write"):
            raise Refused(403, f"Permission to {found.full_name}.git denied to {token.user.login}.")
    return found


def serve(
    found: Hosted,
    token: Token | None,
    method: str,
    rest: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    refused: Path,
) -> Answer:
    """Run `git http-backend` for a request and return its answer."""
    done = subprocess.run(
        ["git", "http-backend"],
        input=body,
        capture_output=True,
        check=False,
        env=git.environment(
            GIT_PROJECT_ROOT=str(found.path.parent),
            GIT_HTTP_EXPORT_ALL="1",
            PATH_INFO=f"/{found.path.name}/{rest}",
            REQUEST_METHOD=method,
            QUERY_STRING=query,
            CONTENT_TYPE=headers.get("content-type", ""),
            CONTENT_LENGTH=str(len(body)),
            HTTP_CONTENT_ENCODING=headers.get("content-encoding", ""),
            GIT_PROTOCOL=headers.get("git-protocol", ""),
            REMOTE_USER=token.user.login if token else "",
            REMOTE_ADDR="127.0.0.1",
            FORGE_BOT="yes" if token and token.user.ours else "no",
            FORGE_PROTECTED=" ".join(found.protected),
            FORGE_REFUSED=str(refused),
        ),
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    status = int(lines.pop("Status", "200").split()[0])
    return Answer(status, content, {name.lower(): value for name, value in lines.items()})
