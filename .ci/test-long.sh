#!/usr/bin/env bash
# Runs the long tests and, when all pass on a clean checkout, records the commit in docs/LAST_GREEN_LONG.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/setup.sh long
.venv/bin/pytest -q -m long "$@"
[ $# = 0 ] || exit 0
if [ -n "$(git status --porcelain -- . ':!docs/LAST_GREEN_LONG')" ]; then
    echo "green, but not recorded: the checkout has uncommitted changes" >&2
else
    printf '%s %s\n' "$(git rev-parse HEAD)" "$(date -u +%F)" >docs/LAST_GREEN_LONG
    echo "recorded in docs/LAST_GREEN_LONG; commit it"
fi
