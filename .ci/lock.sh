#!/usr/bin/env bash
# Resolves the requirements anew: run.txt is what users get, dev.txt adds what the tests need, build.txt is
# what the GitHub action builds Ratchet with.
# Extra arguments go to the resolver, e.g. `.ci/lock.sh --upgrade`.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p requirements
lock() {
    local output=$1
    shift
    .venv/bin/uv pip compile --universal --no-strip-extras --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet --output-file "$output" "$@"
}
lock requirements/run.txt pyproject.toml "$@"
lock requirements/dev.txt pyproject.toml --group dev "$@"
lock requirements/build.txt --constraint requirements/run.txt - "$@" <<<"hatchling"
