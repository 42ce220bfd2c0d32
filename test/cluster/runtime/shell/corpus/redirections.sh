echo one > f; echo two >> f; cat f; cat < f > g; cat g
echo err >&2; ls /nonexistent 2>/dev/null; echo $?
{ echo out; echo err >&2; } > both 2>&1; cat both
{ echo out; echo err >&2; } 2>&1 >/dev/null
exec 3> three; echo to3 >&3; exec 3>&-; cat three
exec 4< f; read a <&4; read b <&4; echo "$a-$b"; exec 4<&-
cat < /nonexistent; echo $?
echo x > /nonexistent/y; echo $?
echo hi 2>&1 | cat
(echo a; echo b >&2) 2>err | cat; cat err
: > empty; wc -c < empty
set -C; echo x > f; echo $?; echo y >| f; cat f; set +C
while read x; do echo "r:$x"; done < g
for i in 1 2; do echo $i; done > loop; cat loop
if true; then echo redirected; fi > iff; cat iff
echo a >&7; echo $?
f() { cat; }; f < g
cat <<A <<B
first
A
second
B
echo 1>x1 2>x2; cat x1 | wc -c
echo swapped 3>&1 1>&2 2>&3 2>/dev/null
cat f - < g
