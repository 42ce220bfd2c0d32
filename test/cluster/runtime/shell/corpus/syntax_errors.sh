sh -c 'if true; then'; echo $?
sh -c 'fi'; echo $?
sh -c 'echo "unterminated'; echo $?
sh -c 'for x in a; echo; done'; echo $?
sh -c 'case a in'; echo $?
sh -c 'echo a; ) echo b'; echo $?
sh -c 'echo a | | b'; echo $?
sh -c 'x=(1 2)'; echo $?
sh -c 'echo $(echo'; echo $?
sh -c 'echo ok
done'; echo $?
sh -c 'echo ${x'; echo $?
sh -c '&& a'; echo $?
sh -c 'while true; do echo; '; echo $?
sh -c '{ echo a'; echo $?
sh -c 'f() '; echo $?
sh -c 'for 1x in a; do :; done'; echo $?
sh -c 'echo `echo'; echo $?
sh -c 'done'; echo $?; sh -c 'then'; echo $?; sh -c 'do'; echo $?; sh -c '}'; echo $?; sh -c ';'; echo $?
sh -c 'echo > >x'; echo $?
