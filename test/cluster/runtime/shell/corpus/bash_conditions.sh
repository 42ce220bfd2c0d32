(
declare -A m; m[x]=1; m[y]=2; for k in $(printf '%s\n' "${!m[@]}" | sort); do echo $k=${m[$k]}; done; echo ${#m[@]}; [[ -v m[x] ]] && echo yes
)
echo "status $?"
(
[[ abc == a* ]] && echo glob; [[ abc =~ ^a(b)c$ ]] && echo ${BASH_REMATCH[1]}; [[ 1 -lt 2 && ! -e nosuch ]] && echo and; [[ a < b ]] && echo lt
)
echo "status $?"
(
if [[ $(( $(echo 3) + 1 )) -eq 4 ]]; then echo four; fi; x=$(cat <<EOF
in
EOF
); echo $x; echo "$(echo "nested $(echo "deep")")"
)
echo "status $?"
(
foo() { echo "$FUNCNAME $LINENO"; }; foo; echo $LINENO; cat nosuch; if ! grep -q a nosuch; then echo no; fi; [ -t 0 ] || echo notty; [[ a = b ]]; echo $?; test 1 = 1; echo $?
)
echo "status $?"
(
a=(3 1 2); IFS=$'\n' s=($(sort <<<"${a[*]}")); echo ${s[@]}; unset IFS; a[5]=x; echo ${#a[@]} ${!a[@]}; a=("${a[@]}"); echo ${!a[@]}; b=(${a[@]:0:2}); echo ${b[@]}; [[ " ${a[*]} " == *" 1 "* ]] && echo has; for ((i=${#a[@]}-1;i>=0;i--)); do printf '%s ' "${a[i]}"; done; echo
)
echo "status $?"
