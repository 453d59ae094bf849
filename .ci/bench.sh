#!/usr/bin/env bash
# Prints the figures of docs/BENCHMARKS.md. QUIXBUGS=DIR names a checkout of QuixBugs, CLONES=DIR a folder of
# clones to mine bug-fix commits from; without them the figures that need them are left out.
set -euo pipefail
cd "$(dirname "$0")/.."

bench() {
    printf '\n== %s\n' "$*"
    .venv/bin/python -m "tests.benchmarks.$@"
}

bench sandbox
bench fork_server
bench daemon
if [ -n "${CLONES:-}" ]; then
    bench verify "$CLONES"
    bench template_coverage "$CLONES"/*
fi
if [ -n "${QUIXBUGS:-}${CLONES:-}" ]; then
    bench fix ${QUIXBUGS:+--quixbugs "$QUIXBUGS"} ${CLONES:+--clones "$CLONES"}
fi
