# Arrays, as tutorials show them.
fruits=(apple banana "cherry pie"); echo "${fruits[0]} ${#fruits[@]} ${fruits[-1]}"; fruits+=(date); for f in "${fruits[@]}"; do echo "- $f"; done
for i in "${!fruits[@]}"; do printf '%d=%s ' "$i" "${fruits[$i]}"; done; echo; unset 'fruits[1]'; echo "${!fruits[*]}"; fruits=("${fruits[@]}"); echo "${!fruits[*]}"
echo "${fruits[@]:1:2}" "${fruits[@]/a/A}" "${fruits[@]^}" "${fruits[@]%e}"; IFS=,; echo "${fruits[*]}"; unset IFS
declare -A age=([alice]=30 [bob]=25); age[carol]=35; for k in $(printf '%s\n' "${!age[@]}" | sort); do echo "$k is ${age[$k]}"; done; echo "${#age[@]}"; [[ -v age[bob] ]] && echo yes; [[ ${age[zed]+x} ]] || echo no
readarray -t lines < <(printf 'l1\nl2\nl3\n'); echo "${lines[1]} ${#lines[@]}"; IFS=: read -ra parts <<< "a:b:c"; echo "${parts[2]}"; nums=(5 3 9 1); sorted=($(printf '%s\n' "${nums[@]}" | sort -n)); echo "${sorted[@]}"
sum=0; for n in "${nums[@]}"; do ((sum += n)); done; echo $sum; max=${nums[0]}; for n in "${nums[@]}"; do (( n > max )) && max=$n; done; echo $max; copy=("${nums[@]}"); copy[0]=x; echo "${nums[0]} ${copy[0]}"
join() { local IFS=$1; shift; echo "$*"; }; join , "${nums[@]}"; contains() { local e; for e in "${@:2}"; do [[ $e == "$1" ]] && return 0; done; return 1; }; contains 9 "${nums[@]}" && echo found; contains 7 "${nums[@]}" || echo missing
matrix=("1 2" "3 4"); for row in "${matrix[@]}"; do read -r a b <<< "$row"; echo $((a*b)); done; stack=(); stack+=(a); stack+=(b); echo "${stack[-1]}"; unset 'stack[-1]'; echo "${stack[@]}"; e=(); echo "[${e[@]}] ${#e[@]}"; a=(x{1..3}); echo "${a[@]}"; b=([5]=five [2]=two); echo "${b[@]} ${!b[@]}"; declare -p b
