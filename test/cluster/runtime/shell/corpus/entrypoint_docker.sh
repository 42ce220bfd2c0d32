#!/bin/sh
set -e
# first arg is `-f` or `--some-option`
file_env() {
  var="$1"; fileVar="${var}_FILE"; def="${2:-}"
  eval "val=\${$var:-}"; eval "fval=\${$fileVar:-}"
  if [ -n "$val" ] && [ -n "$fval" ]; then echo >&2 "error: both $var and $fileVar are set (but are exclusive)"; return 1; fi
  if [ -n "$fval" ]; then val=$(cat "$fval"); elif [ -z "$val" ]; then val=$def; fi
  export "$var"="$val"
  unset "$fileVar"
}
echo secret > pw
DB_PASSWORD_FILE=pw; file_env DB_PASSWORD; echo "pw $DB_PASSWORD ${DB_PASSWORD_FILE-gone}"
file_env DB_USER root; echo "user $DB_USER"
A=1 A_FILE=pw; (file_env A) || echo "refused $?"
mkdir init.d
cat > init.d/10-first.sh <<'X'
echo "sourced or run: $0 ${0##*/}"
X
cat > init.d/20-not-exec.sh <<'X'
exit 9
X
echo data > init.d/30.sql
cp init.d/10-first.sh init.d/15-exec.sh; chmod +x init.d/15-exec.sh
for f in init.d/*; do
  case "$f" in
    *.sh) if [ -x "$f" ]; then echo "running $f"; sh "$f"; else echo "ignoring $f, not executable"; fi ;;
    *.sql) echo "sql $(cat "$f")" ;;
    *) echo "ignoring $f" ;;
  esac
done
for f in nothere/*; do echo "$f"; done
if [ "${1#-}" != "$1" ]; then set -- server "$@"; fi
set -- -c conf.d --port 1
if [ "${1#-}" != "$1" ]; then set -- server "$@"; fi
echo "args: $*"
[ "$1" = 'server' ] && [ "$(id -u)" != '' ] && echo "as somebody"
if ! command -v nosuchtool >/dev/null 2>&1; then echo "nosuchtool missing"; fi
command -v cd; command -v test; type echo; type if
umask 077; : > priv; ls -l priv | cut -c1-10; umask
exec sh -c 'echo "pid same: $0 $*"' name "$@"
