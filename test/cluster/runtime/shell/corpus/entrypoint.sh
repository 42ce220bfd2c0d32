#!/bin/sh
set -eu
: "${APP_PORT:=8080}"
: "${APP_NAME:=demo}"
envsub() { sed -e "s|\${APP_PORT}|$APP_PORT|g" -e "s|\${APP_NAME}|$APP_NAME|g"; }
printf 'listen ${APP_PORT};\nname ${APP_NAME};\n' | envsub
if [ "${1:-}" = "" ]; then set -- serve --port "$APP_PORT"; fi
case "$1" in serve) shift; echo "serving $*";; *) exec "$@";; esac
wait_for() { n=0; until [ $n -ge 3 ]; do n=$((n+1)); echo "try $n"; done; }
wait_for
for f in /nonexistent/*.sh; do [ -e "$f" ] || { echo "no scripts"; continue; }; . "$f"; done
trap 'echo "caught TERM"; exit 143' TERM
kill -TERM $$
echo unreachable
