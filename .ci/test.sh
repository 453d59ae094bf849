#!/usr/bin/env bash
# The gate: lint, types, then every test that is not long; the summary of the tests comes last.
set -euo pipefail
cd "$(dirname "$0")/.."

# On a fresh machine the root of the sandboxes takes most of a minute, in which every test would wait for it.
.venv/bin/python - >/dev/null 2>&1 <<'ROOT' &
import os, pathlib, sandboxes.roots
state = pathlib.Path(os.environ["RATCHET_STATE_DIR"])
state.mkdir(parents=True, exist_ok=True)
sandboxes.roots.base_root(state, on_progress=print)
ROOT
.venv/bin/ruff check --quiet .
.venv/bin/ruff format --check --quiet .
.venv/bin/mypy --no-error-summary
# Most tests wait for processes of theirs, so there is room for one more than there are cores; a file stays
# together, for the sake of what its tests share.
exec .venv/bin/pytest -q -m "not long" -n $(($(nproc) + 1)) --dist loadfile --no-loadscope-reorder "$@"
