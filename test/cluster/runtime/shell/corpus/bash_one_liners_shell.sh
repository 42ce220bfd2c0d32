# What tutorials do with the language in one line.
echo '# 14'; (
trap 'echo err $LINENO $?' ERR; false; set -E; f() { false; }; f; true
)
echo '# 15'; (
set -- -a x -b -z rest; while getopts ":a:bc" o; do case $o in a) echo A=$OPTARG;; b) echo B;; \?) echo bad $OPTARG;; esac; done; shift $((OPTIND-1)); echo $OPTIND "$@"
)
echo '# 16'; (
cat <<-EOF
	tab $((1+2)) $(echo sub) `echo bt` \$x
		two
	EOF
)
echo '# 17'; (
cat <<'E1' - <<E2
no $x
E1
second
E2
)
echo '# 23'; (
a=(one "two three" four); echo ${#a[@]} "${a[1]}" ${a[@]:1:2} "${a[-1]}"; a+=(five); unset 'a[0]'; echo "${!a[@]}"; b=("${a[@]/o/0}"); printf '<%s>' "${b[@]}"; echo; for i in "${!a[@]}"; do echo "$i=${a[i]}"; done
)
echo '# 24'; (
declare -A m=([x]=1 [y]="two words"); m[z]=3; for k in $(printf '%s\n' "${!m[@]}" | sort); do echo "$k=${m[$k]}"; done; echo ${#m[@]}; [[ -v m[x] ]] && echo has; unset 'm[x]'; [[ -v m[x] ]] || echo gone; declare -p m | tr ' ' '\n' | sort | head -3
)
echo '# 25'; (
[[ "abc-123" =~ ^([a-z]+)-([0-9]+)$ ]] && echo "${BASH_REMATCH[0]} ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"; re='^v?([0-9]+)\.([0-9]+)'; [[ v1.29.3 =~ $re ]] && echo "${BASH_REMATCH[@]:1}"; [[ foo == f* && ! bar < aaa ]] && echo y
)
echo '# 26'; (
PS3='> '; select x in a b c; do echo "got $x $REPLY"; [ "$x" = b ] && break; done <<< $'1\n9\n2'
)
echo '# 27'; (
coproc P { while read l; do echo "re $l"; done; }; echo hi >&${P[1]}; read r <&${P[0]}; echo $r; exec {P[1]}>&-; wait $P_PID; echo $?
)
echo '# 29'; (
v="it's \"q\""; echo ${v@Q} ${v^^} ${v^} ; u=HELLO; echo ${u,,} ${u,} ${u@L}; p=$'a\nb'; echo "${p@Q}"; arr=(1 "2 3"); echo "${arr[@]@Q}"; echo ${v@A}; echo "${arr@A}"
)
echo '# 30'; (
ab1=1 ab2=2 abc=3; echo ${!ab*}; n=ab1; echo ${!n}; declare -n ref=ab2; ref=9; echo $ab2; echo ${abx:-d} ${abx:=e} $abx ${ab1:+set} ${#abc}; f=/a/b/c.tar.gz; echo ${f##*/} ${f%/*} ${f%%.*} ${f#*.} ${f/b/B} ${f//[abc]/_} ${f: -2} ${f:1:3}
)
echo '# 31'; (
echo {1..5} {a..e..2} {01..10..3} x{a,b{1,2}}y {5..1} pre-{,x} {a,b}{c,d}; eval echo {1..$((1+2))}
)
echo '# 38'; (
f() { local a=$1; shift; echo "$a $# $*"; return 7; }; f x y z; echo $?; g() { echo "${FUNCNAME[0]} ${FUNCNAME[1]} ${BASH_LINENO[0]}"; }; g; h() { local -a l=(1 2); echo ${l[*]}; }; h; declare -f h
)
echo '# 39'; (
echo $((7/2)) $((-7%3)) $((2**10)) $((0x1f)) $((010)) $((2#1011)) $((5>3?1:0)) $((1<<4|3)); i=5; echo $((i++ + ++i)) $i; let "j=i*2" k=3; echo $j $k; ((0)); echo $?; for ((n=0;n<3;n++)); do echo -n $n; done; echo
)
echo '# 40'; (
x=5; until [ $x -le 2 ]; do ((x--)); [ $x = 3 ] && continue; echo $x; done; for f in a b c; do for g in 1 2; do [ $g = 2 ] && continue 2; [ $f = c ] && break 2; echo $f$g; done; done
)
echo '# 41'; (
exec 3>out; echo to3 >&3; exec 3>&-; cat out; exec 4<out; read l <&4; echo $l; { echo o; echo e >&2; } >both 2>&1; cat both; ls nonexist 2>&1 >/dev/null | sed 's/.*: //'; echo x &>>both; wc -l <both; rm out both
)
echo '# 48'; (
x=abc; case $x in a*) echo 1;;& *b*) echo 2;& z) echo 3;; *) echo 4;; esac; [ -n "$x" -a -z "" ] && echo t; test 3 -lt 10 && echo lt; [ a \< b ] && echo less; [[ -e /etc/passwd && -r /etc/passwd && ! -x /etc/passwd ]] && echo perm; [ /etc/passwd -nt /nonexist ] && echo nt
)
echo '# 49'; (
mapfile -t lines < <(printf 'a\nb\nc\n'); echo ${#lines[@]} ${lines[1]}; mapfile -s1 -n1 -t l2 <<< $'x\ny\nz'; echo ${l2[0]}; readarray -d: -t p <<< "a:b:c"; echo ${p[1]}; printf -v s '%03d' 7; echo $s; declare -i n=3; n+=4; echo $n; declare -r ro=1; ro=2 2>&1; echo $?; declare -u up=abc; echo $up; typeset -l lo=ABC; echo $lo
)
echo '# 51'; (
a="1 2 3"; for i in $a; do echo -n "<$i>"; done; for i in "$a"; do echo -n "<$i>"; done; echo; IFS=:; p=/a:/b; for d in $p; do echo $d; done; unset IFS; set -f; echo *; set +f; x='a*'; touch ab; echo $x "$x"; rm ab; echo ~root; echo ~+ | grep -c /; cd /; cd /tmp; echo ~- ~+/x
)
echo '# 52'; (
command -v ls >/dev/null && echo found; type -t cd; type -t if; f() { :; }; type -t f; alias zz='echo aliased'; shopt -s expand_aliases; eval zz; hash -r; builtin echo b; command echo c; unset -f f; type -t f; echo $?; enable | head -2
)
echo '# 54'; (
yes | head -3; seq 1000000 | head -1; false | true; echo ${PIPESTATUS[@]}; set -o pipefail; false | true; echo $?; ! false | true; echo $?
)
