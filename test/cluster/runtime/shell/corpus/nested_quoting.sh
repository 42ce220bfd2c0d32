x='a b  c'; set -- $x; echo $#; IFS=:; set -- $(echo 1:2:3); echo $#; echo "$*"; unset IFS; a=$(printf 'l1\nl2\n\n'); echo "$a" | wc -l; echo "$(printf 'x\n\n\n')y"; b=`echo \`echo nested\``; echo $b; echo "${a#*
}"; : $((n=5)); echo $n; echo "$((n>3 && n<10))"
