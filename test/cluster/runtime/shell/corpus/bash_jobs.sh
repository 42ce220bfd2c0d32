# Jobs as subshells know them, and as `jobs` chooses them.
sleep 5 & sleep 6 &
echo $(jobs -p | wc -l) $(jobs | wc -l); jobs | wc -l; (jobs | wc -l); { jobs; } | wc -l
[ "$(jobs -p %2)" = "$!" ] && echo same
jobs -r %1; jobs -s; jobs %3; echo $?; jobs -x echo hi
kill $(jobs -p); wait; jobs; echo $?
for i in 1 2 3; do sleep 0.1 & done; while [ "$(jobs -r | wc -l)" -gt 0 ]; do sleep 0.05; done; echo all done
trap 'kill $(jobs -p) && echo ended' EXIT
sleep 100 &
