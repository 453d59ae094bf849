#!/usr/bin/env bash
# Prints the figures of docs/BENCHMARKS.md. QUIXBUGS=DIR names a checkout of QuixBugs, CLONES=DIR a folder of
# clones to mine bug-fix commits from, INDEXED=DIR a large Python repository, ISSUES=FILE a list of issues whose
# projects lie in CLONES; without them the figures that need them are left out.
set -euo pipefail
cd "$(dirname "$0")/.."

bench() {
    printf '\n== %s\n' "$*"
    .venv/bin/python -m "tests.benchmarks.$@"
}

bench sandbox
bench fork_server
bench daemon
bench engine
bench lsp ${INDEXED:+"$INDEXED"}
[ -z "${INDEXED:-}" ] || bench index "$INDEXED"
[ -z "${ISSUES:-}" ] || bench retrieval "$ISSUES" "$CLONES"
if [ -n "${CLONES:-}" ]; then
    bench verify "$CLONES"
    bench template_coverage "$CLONES"/*
fi
if [ -n "${QUIXBUGS:-}${CLONES:-}" ]; then
    bench fix ${QUIXBUGS:+--quixbugs "$QUIXBUGS"} ${CLONES:+--clones "$CLONES"}
fi
