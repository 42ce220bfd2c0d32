unset u; e=; v=val
echo "[${u-d}] [${u:-d}] [${e-d}] [${e:-d}] [${v-d}] [${v:-d}]"
echo "[${u+s}] [${u:+s}] [${e+s}] [${e:+s}] [${v+s}] [${v:+s}]"
echo "${u=assigned} $u"; echo "${e:=filled} $e"
p=/usr/local/lib/libfoo.so.1.2
echo ${p#*/} ${p##*/} ${p%.*} ${p%%.*} ${p%/*}
echo ${#p} ${#u} ${#}
set -- one two three four five six seven eight nine ten eleven
echo $# $1 $10 ${10} ${11} $*
echo "${1#o}" "${2%o}" ${3%%e*}
for i in "$@"; do printf '%s,' "$i"; done; echo
for i in "$*"; do printf '%s,' "$i"; done; echo
IFS=:; echo "$*"; unset IFS
shift 9; echo $# "$@"
set --; echo "$#" "${1-none}" "[$@]" "[$*]"
x='a*b'; echo "${x#a\*}" "${x#a*}" ${x%"*b"}
y=abcabc; echo ${y#*b} ${y##*b} ${y%b*} ${y%%b*} ${y#x} ${y%%}
echo "${u-"quoted  word"}" ${v:+"two  words"} ${nope-two  words}
echo ${v:-`echo cmd`} ${nope:-$(echo sub)}
z="${nope-a}b${nope-c}"; echo $z
