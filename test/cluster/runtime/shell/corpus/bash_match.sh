v=v1.27.3-rc.1+build
re='^v([0-9]+)\.([0-9]+)\.([0-9]+)(-([a-z0-9.]+))?(\+(.*))?$'
if [[ $v =~ $re ]]; then echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]} ${BASH_REMATCH[3]} ${BASH_REMATCH[5]} ${BASH_REMATCH[7]} ${#BASH_REMATCH[@]}"; fi
[[ abc =~ ^b ]]; echo "$? ${#BASH_REMATCH[@]}"
[[ "a b" =~ ^[a-z]\ [a-z]$ ]] && echo space; [[ a.b =~ "a.b" ]] && echo lit; [[ axb =~ "a.b" ]] || echo quoted; [[ foo123 =~ [[:digit:]]+ ]] && echo "${BASH_REMATCH[0]}"
[[ 192.168.1.1 =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ ]] && echo ip "${BASH_REMATCH[1]}"
s='a=1,b=22,c=333'; while [[ $s =~ ([a-z])=([0-9]+),?(.*) ]]; do echo "${BASH_REMATCH[1]}:${BASH_REMATCH[2]}"; s=${BASH_REMATCH[3]}; done
shopt -s extglob
for w in foo.jpg foo.png foo.txt .hid jpg; do case $w in *.@(jpg|png)) echo "img $w";; !(*.*)) echo "none $w";; ?(.)hid) echo hid;; *) echo "other $w";; esac; done
x='   trim me   '; x=${x##+([[:space:]])}; x=${x%%+([[:space:]])}; echo "[$x]"
y=aaabbb; echo ${y/+(a)/X} ${y//b/c} ${y/#a/^} ${y/%b/$} ${y/b} ${y//a}
[[ 123 == +([0-9]) ]] && echo number; [[ ab == @(ab|cd)* ]] && echo at; [[ abab == *(ab) ]] && echo star; [[ xyz == !(abc) ]] && echo not
touch a.txt b.txt c.log d.log.gz; echo !(*.txt|*.sh); echo *.@(txt|log); ls ?.log; shopt -s nullglob; echo none* | cat; shopt -u nullglob; echo none*
shopt -s globstar; mkdir -p d/e; touch d/e/f.txt d/g.txt; echo **/*.txt; shopt -s dotglob; touch .h; echo .* *h; shopt -s nocasematch; [[ ABC == abc ]] && echo nocase; shopt -u nocasematch
echo {a,b}{1..3} {01..10..3} {z..w} x{,y}z {a,{b,c}}d {5..1..2} {a} {a,b "{c,d}" pre{x,y}post{1,2}
mkdir -p proj/{src,test}/{a,b}; ls proj/*; cp a.txt{,.bak}; ls a*; echo $'tab\there' $'it\'s' $"loc"
p=/usr/local/lib/file.tar.gz; echo ${p##*/} ${p%/*} ${p%%.*} ${p#*.} ${#p} ${p:5} ${p:5:5} ${p: -6} ${p: -6:3} ${p:0:-7}
n=hello; echo ${n^} ${n^^} ${n^^[lo]} ${n@U} ${n@u} ${n@L}; N=HELLO; echo ${N,} ${N,,}
q="it's \"x\" \$y"; echo ${q@Q}; printf '%q\n' "$q" 'a b' '' $'a\nb' plain 'a;b' '~' '{a}' 'a=b' '#c' '!x'; echo ${v@A} "${q@E}"; set -- "a b" c; echo "${@@Q}" "${*@Q}"
printf '%s\n' "${n//[aeiou]/_}" "${n/l*/L}" "${n//l/<&>}" "${n:1:1}"; printf -v z '%03d' 7; echo $z; printf '%(%Y-%m-%d)T\n' 0; printf '%s %s\n' {1..4}
[[ -n $n && ! -z $n || x == y ]] && echo logic; [[ a < b ]] && echo less; [[ 10 -gt 9 && 10 < 9 ]] && echo cmp; [[ -f a.txt && -r a.txt && -d d ]] && echo files; [[ a.txt -ef a.txt ]] && echo same
case abc in a*) echo 1;& x) echo 2;;& *c) echo 3;;& d) echo 4;; *) echo 5;; esac
case 5 in [0-4]) echo low;; [5-9]) echo high;;& ?) echo one;; esac
echo $((2#1010)) $((16#ff)) $((8#17)) $((36#z)) $((64#_)) $((0xA)) $((2**10)) $((-2**2)) $((1,2)) $((10#08)); echo $((08)); echo "then $?"
i=5; echo $((i++ + ++i)) $i $((i--)) $((i<<=2)) $((i^=3)) $((i>3?i:0)); let i+=1 "i*=2"; echo $i; let 0; echo $?; ((i=0)); echo $?; for ((a=0,b=9; a<b; a+=3,b-=2)); do echo -n "$a,$b "; done; echo
echo $((1/0)); echo "after $?"
