coproc cat; echo hello >&${COPROC[1]}; read -u ${COPROC[0]} l; echo "got $l"; exec {COPROC[1]}>&-; wait $COPROC_PID; echo $?
