a=1 b=2; echo $a$b; c=$a$b; echo $c
x=hello; x="$x world"; echo "$x"
echo ${x}s; y=${x}; echo "$y"
A=1 true; echo "[${A-}]"
unset x; echo "[${x-gone}]"
_under=1; echo $_under; a1=2; echo $a1
echo $nosuch end
v='a
b'; echo $v; echo "$v"
export P=pre; sh -c 'P=changed; echo $P'; echo $P
x=1; (x=2; echo $x); echo $x
x=$y$y; echo ${#x}
set | grep '^a1='
env -i A=B sh -c 'echo $A'
echo "$#" "$0" | sed 's#.*/##'
false; echo $?; (exit 42); echo $?
echo ${PPID:+set} ${$:+pid}
PATH=/nowhere; ls 2>/dev/null; echo $?
