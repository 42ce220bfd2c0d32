x="a b  c"; set -- $x; echo $#
IFS=:; y="a:b::c:"; set -- $y; echo $# "$4"; for i in $y; do echo "[$i]"; done
IFS=' :'; z="a : b:c  d"; for i in $z; do echo -n "[$i]"; done; echo
IFS=; w="a b"; set -- $w; echo $#; unset IFS
e=; set -- $e "$e" ''; echo $#
set -- "$x" $x; echo $#
a='x*y'; echo "$a"
IFS=,; set -- $(echo 1,2,3); echo $1-$2-$3; IFS=' 	
'
set -- a"b c"d; echo $1
read a b c <<E
one two three four
E
echo "$a|$b|$c"
IFS=: read a b <<E
x:y:z
E
echo "$a|$b"
echo "  lead trail  " | { read x; echo "[$x]"; }
echo 'back\slash' | { read x; echo "$x"; }; echo 'back\slash' | { read -r x; echo "$x"; }
printf 'a\\\nb\n' | { read x; echo "$x"; }
echo ":a::b" | { IFS=: read p q r s; echo "[$p][$q][$r][$s]"; }
printf 'no newline' | { read x; echo "$? $x"; }
