# dash: jobs have no text without job control, and subshells none at all.
sleep 5 & jobs; jobs -p | wc -l; x=$(jobs); echo "<$x>"; (jobs); jobs %2; echo $?; jobs -r; echo $?; [ "$(jobs -l)" = '' ] && echo none
kill $!; wait; echo $?
sleep 5 & kill $!; wait $!; echo $?
