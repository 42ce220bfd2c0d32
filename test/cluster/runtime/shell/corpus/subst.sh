echo $(echo a; echo b) "$(echo a; echo b)"
x=$(printf 'trail\n\n\n'); echo "[$x]"
echo `echo \`echo nested\`` "`echo \"q\"`"
echo $(echo $(echo $(echo deep)))
x=$(false); echo $?; x=$(exit 5) ; echo $?; echo $(exit 6) $?
y=$(echo "quoted ) paren"); echo "$y"
z=$(case a in a) echo case-in-sub;; esac); echo $z
echo $(# comment
echo after comment)
echo "$(cat <<E
heredoc
E
)"
n=$(seq 3 | wc -l); echo $((n))
echo a$(echo b)c"$(echo 'd  e')"f
f() { echo "from f $1"; }; echo $(f x)
echo "$(echo "a"; echo "b")" | wc -l
echo $(echo '*') "$(echo '*')" | head -c 3; echo
$(echo echo) run
$(echo) echo skipped
