echo $LINENO; f() { echo $LINENO ${FUNCNAME[@]} ${BASH_SOURCE[@]} ${BASH_LINENO[@]}; caller; caller 0; g; }
g() { echo $LINENO "${FUNCNAME[@]}" "${BASH_LINENO[@]}"; caller 0; caller 1; }
f; echo ${FUNCNAME[0]-none} ${#BASH_SOURCE[@]} $BASH_SUBSHELL; (echo $BASH_SUBSHELL; (echo $BASH_SUBSHELL)); echo $(echo $BASH_SUBSHELL)
echo 'echo $LINENO ${BASH_SOURCE[@]} ${FUNCNAME[@]}' > s.sh; . ./s.sh; h() { . ./s.sh; }; h; bash -c 'echo ${BASH_SOURCE[0]-none} $LINENO $0'
