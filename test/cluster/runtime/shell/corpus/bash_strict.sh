#!/usr/bin/env bash
set -euo pipefail
IFS=$'\n\t'
log() { printf '[%s] %s\n' "$1" "${*:2}" >&2; }
die() { log ERROR "$*"; exit 1; }
trap 'rc=$?; echo "line $LINENO: \"$BASH_COMMAND\" failed with $rc"' ERR
trap 'echo "cleaning up"' EXIT
log INFO starting "two words"
cat <(printf 'x\n') | grep -q y || log WARN "no y: ${PIPESTATUS[*]}"
if ! out=$(ls nosuch 2>&1); then log INFO "failed: $out"; fi
( die "in a subshell" ) || echo "sub $?"
count=$(grep -c z /dev/null || true); echo "count $count"
echo "${UNSET:-default}" "${UNSET+set}"
( echo "$UNSET" ) || echo "unbound $?"
arr=(); echo "${#arr[@]}" "${arr[@]:-none}"
for a in "${arr[@]}"; do echo never; done
f() { local v; v=$(false); echo "not here"; }
g() { false | true; }
(set +e; trap - ERR; g; echo "pipefail $?")
x=1; ((x++)); echo $x
((x > 100)) || echo small
(y=0; ((y++)); echo "not here") || echo "arith $?"
readonly R=1; (R=2; echo never) || echo "ro $?"
f
echo "not reached"
