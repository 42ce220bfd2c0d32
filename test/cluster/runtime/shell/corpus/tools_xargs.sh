# How xargs reads its input, and how it starts commands.
try() { echo "== xargs $*"; xargs "$@" 2>&1; r=$?; [ "$r" = 0 ] || echo "status $r"; }

echo "a 'b c" | xargs -n1 2>&1 | sort
printf 'a b \nc d\n' | try -L1 echo l
printf 'a\n\n\nb \nc\nd\n' | try -L2 echo l
printf 'a,b,c\n' | try -d , echo
printf 'axbxc' | try -d '\x78' -n1
printf 'a\tb' | try -d '\t' -n1
echo x | try -d ab
echo x | try -d '\q'
echo x | try -d ''
printf '  a  \n\n b\n' | try -I{} echo '[{}]'
echo "'a b' c" | try -I{} echo '[{}]'
echo "'a b' c" | try -L1 printf '[%s]\n'
printf 'a\\ b c\n' | try -I{} echo '[{}]'
printf 'a\0b' | try echo
seq 3 | try -n1 -I{} echo {}
seq 3 | try -I{} -n1 echo {}
seq 3 | try -I{} -n2 echo {}
seq 3 | try -L1 -n2 echo
seq 3 | try -n2 -L1 echo
seq 3 | try --replace echo n{}
seq 3 | try --replace=% echo n%
echo x | try -P x echo
echo x | try -P -1 echo
echo a b | try -n1 -t sh -c 'echo "x y"' _
echo "'x y' it\\'s \\\$a" | try -t echo
seq 3 | try --process-slot-var=SLOT -n1 sh -c 'echo $SLOT $0'
echo 'a b' | try -p echo
