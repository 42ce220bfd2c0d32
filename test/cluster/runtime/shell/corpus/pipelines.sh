yes | head -3
seq 10 | while read n; do [ $((n%2)) = 0 ] && echo $n; done
echo abc | tr a-c A-C | rev
false | true; echo $?; true | false; echo $?
echo x | { read y; echo "y=$y"; }; echo "[$y]"
(exit 3) | (exit 4); echo $?
printf 'b\na\nc\n' | sort | head -1
cat /dev/null | wc -l
echo 1 | cat - | cat | cat
{ sleep 0.2; echo slow; } | cat
! echo a | grep -q b; echo $?
echo "a b c" | while read -r x y z; do echo "$z$y$x"; done
seq 1 100000 | tail -1
seq 1000 | awk '{s+=$1} END {print s}'
