declare -A cfg=([host]=db [port]=5432 ["two words"]=x)
echo "${cfg[host]} ${cfg[two words]} ${#cfg[@]}"
for k in $(printf '%s\n' "${!cfg[@]}" | tr ' ' _ | sort); do echo "$k"; done
cfg[port]=1; cfg+=([new]=n); unset 'cfg[host]'; echo "${cfg[port]} ${cfg[new]} ${cfg[host]-gone} ${#cfg[@]}"
[[ -v cfg[port] ]] && echo has; [[ -v cfg[nope] ]] || echo hasnt
declare -A count; for w in a b a c a b; do ((count[$w]++)); done; for w in a b c; do echo "$w=${count[$w]}"; done
for w in a b; do count[$w]+=0; done; echo "${count[a]} ${count[b]}"
declare -A one=([k]='v w'); declare -p one; echo "${one[@]@K}" "${one[@]@Q}"
declare -A m; m[a,1]=x; m[a,2]=y; i=2; echo "${m[a,$i]}"
key='x y'; m[$key]=z; echo "${m[$key]}" "${m['x y']}"
copy() { local -n src=$1 dst=$2; local k; for k in "${!src[@]}"; do dst[$k]=${src[$k]}; done; }
declare -A d; copy one d; echo "${d[k]}"
swap() { local -n a=$1 b=$2; local t=$a; a=$b b=$t; }; p=1 q=2; swap p q; echo "$p $q"
append() { local -n arr=$1; shift; arr+=("$@"); }; l=(1); append l 2 "3 4"; echo "${#l[@]} ${l[2]}"
declare -n r=p; r=9; echo $p ${!r}; unset -n r
declare -a idx=([2]=two [5]=five last); echo "${!idx[@]}" "${idx[6]}" "${idx[-1]}" ${#idx[@]}
a=(one two three four five); echo "${a[@]:1:2}" "${a[@]: -2}" "${a[*]:3}" "${#a[1]}"
echo "${a[@]#t}" "${a[@]/o/0}" "${a[@]^}" "${a[@]^^[tf]}" "${a[*]%e}"
IFS=,; echo "${a[*]}"; unset IFS; unset 'a[1]'; echo "${!a[@]}"; a=("${a[@]}"); echo "${!a[@]}"
printf '<%s>' "${a[@]/#/-}" "${a[@]/%/+}"; echo
mapfile -t lines < <(printf 'x\ny z\n\nlast'); echo "${#lines[@]} [${lines[1]}] [${lines[3]}]"
mapfile -t -n 2 -s 1 lines < <(seq 5); echo "${lines[@]}"; mapfile -d, -t f <<< 'a,b,c'; echo "${#f[@]} ${f[1]}"; readarray -O 3 f < <(echo z); echo "${!f[@]}"
cb() { echo "cb $1 ${2%$'\n'}"; }; mapfile -C cb -c 2 x < <(seq 4)
sorted=($(printf '%s\n' pear apple fig | sort)); echo "${sorted[0]}"; contains() { local e; for e in "${@:2}"; do [[ $e == "$1" ]] && return 0; done; return 1; }; contains fig "${sorted[@]}" && echo found
stack=(); stack+=(a); stack+=(b); top=${stack[-1]}; unset 'stack[-1]'; echo "$top ${#stack[@]}"
echo "${cfg[@]+set}" "${none[@]+set}" "${none[*]:-empty}"; s=(a b); t=("${s[@]}" c); echo "${t[@]}"; echo "${t}" "$t"; declare -p t
declare -i n=5; n+=3; n="n*2"; echo $n; declare -l low=ABC; declare -u up=abc; echo $low $up; declare -r k=1; k=2; echo $?
local z 2>&1; echo $?; declare -A bad=(a b); declare -p bad 2>&1; cfg=5 2>&1; m[]=x; echo $?
