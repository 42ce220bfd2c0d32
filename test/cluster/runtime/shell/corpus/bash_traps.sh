(
trap 'echo dbg:$LINENO' DEBUG; echo a; x=1; trap - DEBUG; echo end
)
(
trap 'echo ret' RETURN; g() { echo in; }; g; trap - RETURN; h() { trap 'echo hret' RETURN; echo inh; }; h; g
)
(
trap 'echo err $? $LINENO' ERR; false; true; f() { false; echo after; }; f; if false; then :; fi; false || true; ! true; (exit 3); trap - ERR; false; echo done
)
(
set -E; trap 'echo err in ${FUNCNAME[0]:-main} line $LINENO' ERR; f() { 
false
return 4
}
f
echo end
)
