(
a=(1 2 3); echo ${a[@]} ${#a[@]} ${a[1]} ${a[-1]}; a+=(4); echo "${a[@]:1:2}"; unset 'a[0]'; echo ${!a[@]}; for i in "${a[@]}"; do echo $i; done
)
echo "status $?"
(
mapfile -t lines < <(printf 'a\nb\n'); echo ${#lines[@]} ${lines[1]}; read -ra w <<< "x y z"; echo ${w[2]}; printf -v s '%03d' 7; echo $s
)
echo "status $?"
(
echo ${a@Q} "${x[@]@Q}"; s="a:b:c"; IFS=: read -ra p <<< "$s"; echo "${p[@]}"; echo "${p[*]}"; (IFS=-; echo "${p[*]}"); printf '%s,' "${p[@]}"; echo; echo ${p[@]/#/pre}
)
echo "status $?"
(
printf '%q %q %q\n' 'a"b' $'x\ny' ''; printf '%(%Y-%m-%d %H)T\n' 86400; printf '%s\n' "${BASH_SOURCE[0]}" "$0"; x='a*b'; echo ${x@Q}; a=(1 2 3); echo "${a[@]@Q}"; echo ${a[@]/#/p} ${a[@]/%/s} ${a[@]/2/two}
)
echo "status $?"
