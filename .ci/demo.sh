#!/usr/bin/env bash
# The main job on a small repository: a library's lending code whose fee is wrong on one day.
set -euo pipefail
cd "$(dirname "$0")/.."

repository=.work/demo/bookshelf
rm -rf "$repository"
mkdir -p "$repository"
cp -r tests/data/sample/. "$repository"

git_here() {
    git -C "$repository" -c user.name=Demo -c user.email=demo@localhost -c commit.gpgsign=false \
        -c core.hooksPath=/dev/null "$@"
}
git_here init --quiet --initial-branch main
git_here config user.name Demo
git_here config user.email demo@localhost
git_here add --all
git_here commit --quiet --message "Lend books and charge for late returns"

# The daemon that the first command starts is not left behind.
trap '.venv/bin/ratchet daemon stop >/dev/null' EXIT

echo "\$ ratchet fix -C $repository"
.venv/bin/ratchet fix -C "$repository" --timeout 80
echo
echo "\$ git -C $repository log --oneline --all"
git_here --no-pager log --oneline --all
echo
echo "\$ ratchet tasks list --limit 1"
.venv/bin/ratchet tasks list --limit 1
