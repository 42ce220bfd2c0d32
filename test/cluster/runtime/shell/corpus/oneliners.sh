i=0; while [ $i -lt 3 ]; do echo "tick $i"; i=$((i+1)); sleep 0.01; done
for f in a b; do echo "$f" > "$f.out"; done; cat *.out
test -f a.out && echo exists || echo missing
[ -n "$HOME" ] && echo home set
name=world; echo "Hello, ${name}!"
count=$(ls *.out | wc -l); echo "count=$count"
if [ "$(id -u)" -ge 0 ]; then echo uid ok; fi
echo "start" && (echo "in subshell"; exit 2); echo "rc=$?"
cmd="echo from var"; $cmd
set -- a b c; echo "last: $(eval echo \${$#})"
echo "a:b:c" | { IFS=:; read x y z; echo "$x $y $z"; }
n=5; r=1; while [ $n -gt 1 ]; do r=$((r*n)); n=$((n-1)); done; echo "fact $r"
s=hello; while [ -n "$s" ]; do echo "$s"; s=${s%?}; done
trap 'rm -f tmp.$$; echo cleaned' EXIT; : > tmp.$$
printf '%s\n' "$@" | sort -r | head -2
echo $(( $(date +%s) > 0 )); exec echo replaced; echo not
