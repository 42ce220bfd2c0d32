# wait-for-it without a network: a file stands for the port.
TIMEOUT=2 QUIET=0 HOST= PORT=
echoerr() { if [ "$QUIET" -ne 1 ]; then printf "%s\n" "$*" 1>&2; fi; }
parse() {
  case "$1" in
    *:*) HOST=$(printf "%s\n" "$1" | cut -d : -f 1); PORT=$(printf "%s\n" "$1" | cut -d : -f 2);;
  esac
  if [ "$HOST" = "" -o "$PORT" = "" ]; then echoerr "Error: you need to provide a host and port to test."; return 1; fi
}
wait_for() {
  for i in `seq $TIMEOUT` ; do
    [ -f "port-$PORT" ] > /dev/null 2>&1
    result=$?
    if [ $result -eq 0 ] ; then
      echo "$HOST:$PORT is available after $i"
      if [ $# -gt 0 ] ; then "$@"; fi
      return 0
    fi
    sleep 0.1
  done
  echo "Operation timed out" >&2
  return 1
}
parse db:5432 && wait_for; echo $?
(sleep 0.03; : > port-5432) &
TIMEOUT=5; wait_for echo "starting with" "$HOST"; echo $?
parse nothing; echo $?
HOST=; parse nothing; echo $?
host=redis.default.svc:6379; echo "${host%:*} ${host##*:} ${host%%.*} ${host#*.}"
url=http://user@host.example:8080/path/to/file.tar.gz?q=1
proto=${url%%://*}; rest=${url#*://}; hp=${rest%%/*}; echo "$proto $hp /${rest#*/}"
f=${rest##*/}; f=${f%%\?*}; echo "$f ${f%.*} ${f%%.*} ${f##*.}"
[ -n "$HOST" ] || echo empty; [ -z "$UNSET" ] && echo unset
: "${REQUIRED:=fallback}"; echo "$REQUIRED"
( : "${NEEDED:?must be set}" ); echo $?
test 1 -eq 1 -a 2 -gt 1 && echo and; test ! -e none && echo none
[ a = b ] || [ a != b ] && echo chain
[ 1 -eq x ]; echo $?
[ a = ]; echo $?
[ ; echo $?
[ "x" = "x" ] && [ "(" = "(" ] && echo paren
wait
