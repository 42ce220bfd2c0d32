# Waiting for something that comes up.
(sleep 0.3; touch ready) & n=0
until [ -e ready ]; do n=$((n+1)); [ $n -gt 50 ] && { echo timeout; break; }; sleep 0.1; done; [ -e ready ] && echo "ready"
wait
wait_for() { tries=$1; shift; while ! "$@" > /dev/null 2>&1; do tries=$((tries-1)); [ $tries -le 0 ] && return 1; echo "waiting ($tries left)"; sleep 0.05; done; }
wait_for 3 test -e nosuch; echo "status $?"; wait_for 3 test -e ready && echo ok
attempt=1; max=3; delay=1; until false; do [ $attempt -ge $max ] && { echo "gave up after $attempt"; break; }; attempt=$((attempt+1)); delay=$((delay*2)); done; echo "next delay $delay"
timeout 1 sh -c 'while ! [ -e never ]; do sleep 0.2; done'; echo "timeout gives $?"
for host in a:1 b:2; do h=${host%%:*} p=${host##*:}; echo "checking $h on $p"; done
p=; for i in 1 2 3; do (sleep 0.0$i; exit $i) & p="$p $!"; done; for x in $p; do wait $x; printf '%s ' $?; done; echo
