# Process substitution and pipes.
diff <(printf 'a\nb\n') <(printf 'a\nc\n'); paste <(seq 3) <(seq 4 6); while read -r l; do n=$((n+1)); done < <(seq 5); echo $n; sort -m <(seq 1 2 5) <(seq 2 2 6) | tr '\n' ' '; echo
tee >(tr a-z A-Z > up) > low <<< hello; sleep 0.2; cat up low; cat <(echo one) - <(echo three) <<< two; wc -l < <(seq 10); comm -12 <(sort <<< $'b\na') <(printf 'a\nc\n'); read -r x y < <(echo 1 2); echo $((x+y))
mapfile -t < <(seq 3); echo "${MAPFILE[@]}"; grep -c a <(printf 'a\nab\nb\n'); set -o pipefail; false | cat; echo $?; true | false | true; echo "${PIPESTATUS[*]}"; { echo out; echo err >&2; } 2>&1 >/dev/null | sed 's/^/E:/'; { echo err >&2; } 2> >(sed 's/^/P:/'); sleep 0.1
exec 4< <(seq 2); read -u 4 a; read -u 4 b; echo $a$b; exec 4<&-; yes | head -2; seq 100000 | head -1; echo abc |& cat; cat < <(cat < <(echo deep)); x=$(< <(echo sub)); echo $x; for w in $(cat <(echo a b)); do echo $w; done; [ -e <(true) ] && echo exists; wc -c <<< abc; tr a b <<< banana
echo content > f; x=$(<f); echo "$x $(< f)"; echo "$(<nosuch)|"; echo $?
