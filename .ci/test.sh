#!/usr/bin/env bash
# The gate: lint, types, then every test that is not long; the summary of the tests comes last.
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/ruff check --quiet .
.venv/bin/ruff format --check --quiet .
.venv/bin/mypy --no-error-summary
# Most tests wait for processes of theirs; a file stays together, for the sake of what its tests share.
exec .venv/bin/pytest -q -m "not long" -n 2 --dist loadfile --no-loadscope-reorder "$@"
