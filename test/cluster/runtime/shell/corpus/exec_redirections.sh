exec 3> out.txt; echo one >&3; echo two >&3; exec 3>&-; cat out.txt
{ echo x >&3; } 2>&1; echo $?
exec 4< out.txt; read -r a <&4; read -r b <&4; read -r c <&4; echo "$? $a $b [$c]"; exec 4<&-
exec 5<> rw; echo hello >&5; exec 5>&-; cat rw
exec 6>&1 1> log 2>&1; echo "to log"; ls nosuch; exec 1>&6 6>&-; echo back; 
cat log; exec 2>&1
(exec > sub.txt; echo inside); cat sub.txt
echo a > f; echo b >> f; echo c >| f; cat f
set -C; (echo d > f); echo $?; echo e >| f; cat f; set +C
cat < nosuch; echo $?
(: > dir/none); echo $?
echo both > o 2>&1; cat o
{ echo out; echo err >&2; } 2>&1 >/dev/null | sed 's/^/piped: /'
{ echo out; echo err >&2; } 2>/dev/null
swap() { { echo out; echo err >&2; } 3>&1 1>&2 2>&3 3>&-; }; swap 2>/dev/null
cat <<A; cat <<B
first
A
second
B
cat - f <<E
dash
E
read -r line < f; echo "$line"
for i in 1 2 3; do echo "$i"; done > loop.txt; wc -l < loop.txt
while read -r a && read -r b <&3; do echo "$a-$b"; done < loop.txt 3< loop.txt
tee t1 t2 < f; cmp t1 t2 && echo same
echo 'x y  z' | (read a b; echo "[$a][$b]"); echo 'a\tb' | (read a; echo "$a"); printf 'no newline' | (read a; echo "$? $a")
echo a:b:c | (IFS=: read x y; echo "$x|$y"); printf ' lead trail \n' | (read -r x; echo "[$x]"); printf ' lead \n' | (IFS= read -r x; echo "[$x]")
>empty; [ -s empty ] || echo empty; ls -l empty | awk '{print $5}'
2>/dev/null ls nosuch; echo $?
exec nosuchprogram; echo "not reached"
