trap 'echo bye' EXIT
(trap 'echo sub bye' EXIT; echo in sub)
trap 'echo got usr1' USR1; kill -USR1 $$; echo after
sh -c 'trap "echo int; exit 9" INT; kill -INT $$; echo not'; echo $?
trap '' TERM; kill -TERM $$; echo survived; trap - TERM
trap 'echo x' HUP; trap; trap - HUP
sh -c 'kill -TERM $$; echo not'; echo $?
sh -c 'kill -KILL $$'; echo $?
f() { trap 'echo from f' USR2; kill -USR2 $$; }; f
trap 'echo one; echo two' USR1; kill -USR1 $$
(exit 5); trap 'echo status $?' EXIT
exit 3
