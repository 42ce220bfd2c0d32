sleep 0.1 & wait; echo $?
(exit 7) & wait $!; echo $?
{ sleep 0.2; echo second; } & { sleep 0.1; echo first; } & wait; echo done
x=1; { x=2; } & wait; echo $x
sleep 5 & p=$!; kill $p; wait $p; echo $?
sh -c 'exit 4' & a=$!; sh -c 'exit 6' & b=$!; wait $b; echo $?; wait $a; echo $?
wait 99999; echo $?
for i in 1 2 3; do (sleep 0.$i; echo job $i) & done; wait
echo a & wait; echo b
kill -0 $$; echo $?; kill -0 99999 2>/dev/null; echo $?
cat < /dev/null & wait; echo $?
trap 'echo usr' USR1; (sleep 0.1; kill -USR1 $$) & wait; echo $?; wait
