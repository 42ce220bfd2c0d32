# Loops with counters, as tutorials have them.
i=0; while [ $i -lt 3 ]; do echo "Hello $i"; i=$((i + 1)); done
for n in $(seq 1 3); do printf '%s:%d ' item "$n"; done; echo
until [ "$i" -le 0 ]; do echo "countdown $i"; i=$(expr $i - 1); done
for f in a b c; do case $f in b) continue;; esac; echo "file $f"; done
n=5; f=1; while [ $n -gt 1 ]; do f=$((f*n)); n=$((n-1)); done; echo "5! = $f"
a=0 b=1; for _ in 1 2 3 4 5 6 7 8; do printf '%d ' $a; t=$((a+b)); a=$b; b=$t; done; echo
for i in 1 2 3; do for j in 1 2 3; do [ $j -eq 3 ] && continue 2; [ $i -eq 3 ] && break 2; echo "$i$j"; done; done
while read -r line; do sum=$((sum + line)); done <<EOT
1
2
39
EOT
echo "sum=$sum"
seq 5 | while read x; do [ $((x % 2)) -eq 0 ] && echo "$x even" || echo "$x odd"; done
x=10; while :; do x=$((x-3)); [ $x -lt 0 ] && break; done; echo $x
