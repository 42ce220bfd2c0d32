# A command retried with a growing pause, as start scripts do it.
tries=0
flaky() { tries=$((tries + 1)); echo "try $tries" >&2; [ "$tries" -ge "$1" ]; }
retry() {
  max=$1; shift
  n=1 delay=1
  until "$@"; do
    status=$?
    if [ "$n" -ge "$max" ]; then
      echo "gave up after $n tries: '$*' returned $status" >&2
      return "$status"
    fi
    echo "retry $n/$max in 0.0${delay}s"
    sleep "0.0$delay"
    delay=$((delay * 2)) n=$((n + 1))
  done
  echo "ok after $n"
}
retry 5 flaky 3; echo "status $?"
tries=0; retry 2 flaky 9; echo "status $?"
retry 2 sh -c 'exit 7'; echo "status $?"
for i in $(seq 1 10); do
  [ "$i" -eq 4 ] && break
  [ $((i % 2)) -eq 0 ] && continue
  echo "round $i"
done
echo "left at $i"
timeout 0.2 sh -c 'until [ -f /never ]; do sleep 0.02; done'; echo "timeout $?"
timeout -s KILL 0.1 sleep 5; echo "killed $?"
i=0; while :; do i=$((i+1)); case $i in 3) continue;; 6) break 1;; esac; printf '%d ' $i; done; echo
for a in 1 2; do for b in x y z; do [ $b = y ] && continue 2; echo $a$b; done; done
until false; do break; done; echo $?
while false; do :; done; echo $?
