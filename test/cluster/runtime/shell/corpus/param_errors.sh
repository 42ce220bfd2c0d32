(echo ${x?}) ; echo $?
(echo ${x?custom message}) ; echo $?
(x=; echo ${x:?empty}) ; echo $?
(set -u; echo $undefined; echo not) ; echo $?
(set -u; echo ${undefined-ok} "$@" $#) ; echo $?
(echo ${x!}) ; echo $?
(readonly r=1; r=2; echo not) ; echo $?
(shift 5; echo not); echo $?
(unset 1x); echo $?
