false | true | (exit 3); echo "${PIPESTATUS[@]} ${#PIPESTATUS[@]}"
true; echo "${PIPESTATUS[0]}"
set -o pipefail; false | true; echo $?; (exit 4) | (exit 5) | true; echo "$? ${PIPESTATUS[*]}"; set +o pipefail
! false | true; echo "$? ${PIPESTATUS[*]}"
yes | head -1; echo "${PIPESTATUS[@]}"
shopt -s lastpipe; n=0; printf '1\n2\n' | while read -r x; do ((n+=x)); done; echo $n
echo a |& cat; ls nosuch |& sed 's/ls:/LS:/'
diff <(printf 'a\nb\n') <(printf 'a\nc\n'); echo $?
while read -r l; do echo "got $l"; done < <(printf 'x\ny\n')
paste <(seq 3) <(seq 4 6); cat <(echo 1) - <(echo 3) <<< 2
echo data > >(tr a-z A-Z); wait $!; sleep 0.05
tee >(wc -c | tr -d ' ' > count) <<< hello > /dev/null; sleep 0.1; cat count
exec {fd}> f; echo "to fd" >&$fd; exec {fd}>&-; cat f; [ "$fd" -ge 10 ] && echo high
echo out &> both; echo err >&2 2>> both; cat both
{ echo o; echo e >&2; } &>> both; wc -l < both
read -r a b <<< "one two three"; echo "$b|$a"
IFS=, read -r -a parts <<< "x,y,,z"; echo "${#parts[@]} ${parts[3]} [${parts[2]}]"
IFS=: read -ra p <<< "$PATH"; echo $(( ${#p[@]} > 1 ))
while IFS= read -r -d '' f; do echo "file $f"; done < <(printf 'a b\0c\0')
read -r -n 3 x <<< abcdef; echo "$x"; read -r -N 4 x <<< abcdef; echo "$x"; read -r -d : x <<< k:v; echo "$x"
read -t 0.05 x < <(sleep 1); echo $(( $? > 128 ))
read -p "prompt: " x <<< in; echo "$x"; read <<< "  reply "; echo "[$REPLY]"
echo a b c | { read -r x y; echo "$y"; }; : | cat; echo $?
coproc CAT { cat; }; echo hi >&"${CAT[1]}"; read -r x <&"${CAT[0]}"; echo "$x"; kill $CAT_PID; wait $CAT_PID 2>/dev/null; echo $?
time_it() { local TIMEFORMAT='%0lR'; time true; }; time_it 2>&1 | grep -c '0m0'
sleep 0.02 & (exit 3) & wait -n; echo $?
wait; { sleep 0.01; exit 7; } & wait $!; echo $?
