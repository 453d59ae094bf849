"""Files that a build generated in the workspace, laid over the trees that come later."""

from sandboxes.errors import EnvironmentBroken
from sandboxes.sandbox import ENVIRONMENT, WORKSPACE, Command, Sandbox

# Only files are packed: unpacking a folder would change the tree's own folder.
_LAY = (
    'cd "$1/overlay" 2>/dev/null || exit 0; find . ! -type d -print0 | '
    'tar --null --files-from=- -cf - | tar -C "$2" --skip-old-files --no-same-owner -xf -'
)


def overlay(sandbox: Sandbox) -> None:
    """Lay them over the workspace; a tree's own file always stays. Raises EnvironmentBroken."""
    result = sandbox.run(Command(("/bin/sh", "-c", _LAY, "sh", ENVIRONMENT, WORKSPACE), seconds=120.0))
    if not result.ok:
        raise EnvironmentBroken(
            "The files that the build generated could not be laid over the tree.",
            hint="A larger workspace may help: [limits] workspace_mib.",
            log=result.stderr.text,
        )
