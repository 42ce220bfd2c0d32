# PID 1 scripts that pass TERM on to their child and wait for it.
child() { trap 'echo "child got TERM"; exit 3' TERM; i=0; while [ $i -lt 100 ]; do sleep 0.05; i=$((i+1)); done; }
term() { echo "forwarding"; kill -TERM "$pid" 2>/dev/null; }
trap term TERM
child & pid=$!
( sleep 0.2; kill -TERM $$ ) &
wait "$pid"; s=$?
echo "first wait $((s > 128 ? 1 : 0))"
wait "$pid"; echo "child status $?"
trap - TERM
cleanup() { code=$?; echo "cleanup with $code"; exit "$code"; }
( trap cleanup EXIT; exit 5 ); echo "sub $?"
( trap cleanup EXIT; false ); echo "sub $?"
( trap 'echo bye' EXIT; trap 'echo int; exit 130' INT; sh -c 'kill -INT $PPID'; sleep 0.1; echo "after" ); echo "sub $?"
trap 'echo usr1' USR1; kill -USR1 $$; echo "went on $?"
trap '' HUP; kill -HUP $$; echo "ignored"
trap; 
sh -c 'trap "echo sub exit" EXIT; kill -TERM $$; sleep 1'; echo "term $?"
sleep 5 & p=$!; kill $p; wait $p; echo "slept $?"
sleep 5 & p=$!; kill -9 $p; wait $p; echo "slept $?"
wait 99999; echo "unknown $?"
(exit 4) & (exit 6) & wait; echo "all $?"
(exit 4) & a=$!; (exit 6) & b=$!; wait $a; echo $?; wait $b; echo $?
set -e
trap 'echo "exit with $?"' EXIT
f() { false; echo "not here"; }
f
