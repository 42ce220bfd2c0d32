(
x=hello; echo ${x^^} ${x^} ${x:1:3} ${x: -2} ${x/l/L} ${x//l/L} ${x/#h/H} ${x/%o/O}; y=ABC; echo ${y,,} ${y,}; v=x; echo ${!v}
)
echo "status $?"
(
((i=5)); ((i++)); echo $i; for ((j=0;j<3;j++)); do echo $j; done; let k=2*3; echo $k; echo $((2**10)) $((16#ff)) $((0x1f)); (( 0 )); echo $?
)
echo "status $?"
(
echo {1..5} {a..e} {01..03} {1..10..3} a{b,c}d {5..1}
)
echo "status $?"
(
set -o pipefail; false | true; echo $?; true | false | true; echo "${PIPESTATUS[@]}"; set -euo pipefail; echo ${x:-d}; cat nosuch | head -1; echo no
)
echo "status $?"
(
trap 'echo err $LINENO' ERR; false; trap - ERR; trap 'echo exit $?' EXIT; exit 3
)
echo "status $?"
(
echo $'a\tb\n' "${BASH_VERSION%%.*}" $RANDOM >/dev/null; echo $'x\x41'; printf '%q\n' 'a b' "it's"; declare -p BASH_VERSINFO >/dev/null && echo ok; x=1; declare -p x; declare -i n=3+4; echo $n; declare -r c=1; c=2; echo after
)
echo "status $?"
(
printf '%(%Y)T\n' 0; printf '%s %s\n' a b c; printf '%*d\n' 5 3; printf '%.2f %e %g\n' 1.005 12345.678 0.0001; printf '%x %o %#x\n' 255 8 255; printf '%i\n' abc; echo $?
)
echo "status $?"
(
x=5; x=$((x>3?x*2:x)); echo $x; echo $((x,y=3)) $y; echo $((1&&0||1)); unset x; echo ${x?is unset}; echo unreached
)
echo "status $?"
(
a="x y"; for w in $a; do echo "<$w>"; done; for w in "$a"; do echo "<$w>"; done; set -f; echo *; set +f; IFS=$'\n'; for l in $(printf 'a b\nc'); do echo "[$l]"; done
)
echo "status $?"
(
while getopts ":hv:" opt; do case $opt in h) echo h;; v) echo $OPTARG;; \?) echo bad $OPTARG;; :) echo missing $OPTARG;; esac; done
set -- -h -v 1 -x -v; while getopts ":hv:" opt; do case $opt in h) echo h;; v) echo $OPTARG;; \?) echo bad $OPTARG;; :) echo missing $OPTARG;; esac; done
)
echo "status $?"
(
let "a=1" "b=a+2"; echo $a $b; ((a+=5, b*=2)); echo $a $b $((a>b ? a : b)) $((a**2)) $((2#101)) $((1<2 && 2<3)); i=5; echo $((i++ + ++i)) $i; echo $((-7/2)) $((-7%3)); declare -i n; n="3*4"; echo $n
)
echo "status $?"
(
echo a > f1; cp f1 f2; ls f{1,2}; echo {f1,f2}.bak; mkdir -p d/{a,b}/c; find d -type d | sort; echo d/*/; shopt -s globstar; echo d/**/c; shopt -s dotglob; touch .h; echo *
)
echo "status $?"
