# complete, compgen and compopt, and what was typed, by fc and history.
compgen -W 'start stop status' st; compgen -W 'a b' z; echo $?
compgen -W '$HOME x' -P '<' -S '>' /
compgen -P; echo $?; compgen -A zz; echo $?
mkdir -p d/e; touch d/x.txt d/z.c
compgen -f d/ | sort; compgen -d d/; compgen -f -X '!*.txt' d/
f() { :; }; compgen -A function; compgen -A shopt null; compgen -A setopt pipe; compgen -b fc; compgen -k wh; compgen -A signal SIGTE
complete -W "a 'b'" foo; complete -p foo
complete -F _f -o default bar; complete -p bar
complete -o nospace -A directory cdx; complete -p cdx
complete -D -F _x; complete -p -D; complete -r -D; complete -p -D; echo $?
complete -r foo; complete -p foo; echo $?
complete -o zz x; echo $?; complete -W x; echo $?
compopt -o nospace; echo $?; compopt -o nospace bar; complete -p bar; compopt +o default bar; complete -p bar; compopt -o nospace nosuch; echo $?
fc -l; fc -Z; echo $?; fc -s; echo $?
history -s echo one; history -s echo two; history -s ls
fc -l; fc -ln; fc -l -2; fc -l 1 2; fc -lr; fc -l echo; fc -l nosuch; echo $?
fc -s echo; fc -s two=three echo; fc -e - 1
FCEDIT='sed -i s/one/edited/' fc 1 2>&1
shopt -p nullglob extglob; shopt -s | head -n 2; shopt -o pipefail; shopt -so pipefail; set -o | grep pipef; shopt -p -o errexit; shopt -o nosuch; echo $?
suspend; echo $?; type fc compgen suspend; chdir /; echo $?
f() { local a=1; local -i b=2; local; }; f
eval 'g() echo x'; echo $?
eval 'g() [[ a == a ]]'; g; echo $?
ulimit -a | head -n 1
