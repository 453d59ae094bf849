#!/bin/bash
# A Docker engine for the tests and the demo: the one that answers, or our own for as long as it is needed.
#
#   eval "$(.ci/engine.sh start)"; trap '.ci/engine.sh stop' EXIT
#
# `start` prints shell assignments and nothing else. An engine that answers is used as it is, and `stop`
# leaves it alone. Otherwise, as root, what is missing is installed through apt (asked for, unless YES=1,
# CI=1 or nobody is there to ask) and a dockerd is started on data and sockets of its own.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd -P)
data=$root/.work/engine
run=$data
# A socket's path has at most 107 bytes, and containerd adds some forty to the directory.
if [ ${#run} -gt 60 ]; then
  run=/tmp/ratchet-engine-$(printf %s "$root" | cksum | cut -d' ' -f1)
fi
socket=$run/docker.sock
pidfile=$run/docker.pid
starter=$run/starter
exec_root=$run/exec
containerd_pidfile=$exec_root/containerd/containerd.pid

say() { printf 'engine: %s\n' "$*" >&2; }

# answers [HOST]: an engine speaks at HOST, or where DOCKER_HOST or the current context say.
answers() {
  if command -v docker >/dev/null; then
    timeout 20 docker ${1:+-H "$1"} version --format '{{.Server.Version}}' >/dev/null 2>&1
  else
    local host=${1:-${DOCKER_HOST:-unix:///var/run/docker.sock}}
    "$(command -v python3 || echo "$root/.venv/bin/python")" - "${host#unix://}" >/dev/null 2>&1 <<'PY'
import socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(sys.argv[1])
s.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
sys.exit(0 if b" 200 " in s.recv(99) else 1)
PY
  fi
}

# is_process PIDFILE WORD: the process in PIDFILE lives and its command line contains WORD, so that a
# number that another process has got meanwhile is never signalled.
is_process() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] &&
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$2"
}

may_install() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    return 1
  fi
  if [ "${YES:-}" = 1 ] || [ -n "${CI:-}" ] || [ ! -t 0 ]; then
    return 0
  fi
  local answer
  read -r -p "engine: install $* with apt-get? [Y/n] " answer >&2 || return 1
  case $answer in [nN]*) return 1 ;; esac
}

install() {
  say "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -q --no-install-recommends "$@" >&2 2>/dev/null && return
  apt-get update -q >&2 && apt-get install -y -q --no-install-recommends "$@" >&2
}

tools() {
  local missing=()
  command -v bwrap >/dev/null || missing+=(bubblewrap)
  PATH=$PATH:/usr/sbin command -v debootstrap >/dev/null || missing+=(debootstrap)
  if [ ${#missing[@]} -gt 0 ]; then
    if may_install "${missing[@]}"; then
      install "${missing[@]}" || say "could not install ${missing[*]}"
    else
      say "please install ${missing[*]} (apt-get install ${missing[*]})"
    fi
  fi
}

# The word for `stop`: empty means that the engine is not ours to stop.
answer() {
  [ -z "${1:-}" ] || echo "export DOCKER_HOST=$1"
  echo "export RATCHET_ENGINE=${2:-}"
}

start() {
  tools
  if answers; then
    answer
    return
  fi
  if answers "unix://$socket"; then
    if kill -0 "$(cat "$starter" 2>/dev/null)" 2>/dev/null; then
      answer "unix://$socket"
    else
      say "taking over the engine that an ended run left behind"
      echo "$PPID" >"$starter"
      answer "unix://$socket" own
    fi
    return
  fi
  if [ "$(id -u)" != 0 ]; then
    say "no Docker engine answers: start one, or install it (sudo apt-get install docker.io) and join its group (sudo usermod -aG docker \$USER)."
    return 1
  fi
  if ! command -v dockerd >/dev/null; then
    if ! may_install docker.io || ! install docker.io; then
      say "no Docker engine answers and dockerd is missing: install it with apt-get install docker.io."
      return 1
    fi
    # On a machine with systemd the package has started its service.
    if answers; then
      answer
      return
    fi
  fi
  own_engine
}

own_engine() {
  stop_own
  mkdir -p "$data/data" "$run"
  echo "$PPID" >"$starter"
  setsid dockerd --data-root "$data/data" --exec-root "$exec_root" --pidfile "$pidfile" -H "unix://$socket" \
    --iptables=false --ip6tables=false --bridge=none </dev/null >"$run/docker.log" 2>&1 &
  local waited
  for waited in $(seq 1 120); do
    if [ -S "$socket" ] && answers "unix://$socket"; then
      answer "unix://$socket" own
      return
    fi
    if [ "$waited" -gt 4 ] && ! kill -0 $! 2>/dev/null; then
      break
    fi
    sleep 0.5
  done
  say "dockerd did not start; the end of $run/docker.log:"
  tail -n 15 "$run/docker.log" >&2
  stop_own
  return 1
}

# ended PIDFILE WORD SIGNAL SECONDS: send SIGNAL and wait; true when the process is gone.
ended() {
  local pid waited
  is_process "$1" "$2" || return 0
  pid=$(cat "$1")
  kill "-$3" "$pid" 2>/dev/null || return 0
  for waited in $(seq 1 $(($4 * 10))); do
    is_process "$1" "$2" || return 0
    sleep 0.1
  done
  return 1
}

stop_own() {
  local pid
  if is_process "$pidfile" "$pidfile" && command -v docker >/dev/null; then
    # Its containers are all ours; the engine would give each of them ten seconds.
    timeout 30 docker -H "unix://$socket" ps -aq 2>/dev/null |
      xargs -r timeout 30 docker -H "unix://$socket" rm -f -v >/dev/null 2>&1 || true
  fi
  ended "$pidfile" "$pidfile" TERM 20 || ended "$pidfile" "$pidfile" KILL 5 || say "dockerd does not end"
  ended "$containerd_pidfile" "$exec_root" TERM 5 || ended "$containerd_pidfile" "$exec_root" KILL 5 || true
  # What a killed dockerd leaves: the shims of its containers, their mounts, its sockets.
  for pid in $(pgrep -f -- "-address $exec_root/containerd/containerd.sock" || true); do
    kill -KILL "$pid" 2>/dev/null || true
  done
  awk -v run="$run/" -v data="$data/" '
    index($2, run) == 1 || index($2, data) == 1 { print $2 }' /proc/mounts | sort -r |
    while read -r mount; do umount -l "$(printf '%b' "$mount")" 2>/dev/null || true; done
  rm -rf "$exec_root"
  rm -f "$socket" "$pidfile" "$starter"
  [ "$run" = "$data" ] || rm -rf "$run"
}

case ${1:-} in
start) start ;;
stop)
  # Unset: called by hand. Empty: `start` has found an engine that is not ours.
  if [ "${RATCHET_ENGINE-own}" = own ]; then
    # A second Ctrl-C must not leave the job half done.
    trap '' INT TERM
    stop_own
  fi
  ;;
*)
  echo "usage: $0 start|stop" >&2
  exit 2
  ;;
esac
