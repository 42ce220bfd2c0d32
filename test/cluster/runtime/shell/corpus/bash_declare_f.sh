f() { echo "f: $*"; }; declare -f f | sed "s#^$##"; g() { if true; then for i in a; do echo $i | cat; done; elif [[ x == y ]]; then :; else while read -r l; do ((n++)); done < file > out 2>&1; fi; case x in a|b) echo 1;; *) ;; esac; (sub; shell); x=$(cmd "a b"); a[1]=2; until false; do break; done; ! true; [[ -f x && ! -d y ]]; for ((i=0;i<2;i++)); do :; done; cat <<E
here $x
E
local z; return 0; }; declare -f g; type f; function h { echo h; }; h; function k() ( echo sub; ); k; declare -F; unset -f f; f; export -f h; bash -c h; readonly -f h; h() { echo new; }; echo $?
