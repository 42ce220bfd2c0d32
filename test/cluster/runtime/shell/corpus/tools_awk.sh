# awk: when a separator counts, what mawk has not, and what it says of what is not there.
printf 'a:b:c\nd:e:f\n' > h; printf 'x 1\ny 2\n' > f
try() { echo "== awk $*"; awk "$@" 2>&1; r=$?; [ "$r" = 0 ] || echo "status $r"; }
try '{ FS = ":" } { print $1 }' h
try '{ FS = ":"; $0 = $0; print $2 }' h
try 'NR == 1 { FS = ":"; print $1; next } { print $1, NF }' h
try 'BEGIN { print "\x41\x4a\101" }'
try 'BEGIN { print gensub(/a/, "b", "g", "aaa") }'
try 'BEGIN { print and(5, 3) }'
try 'function or(a, b) { return a "|" b } BEGIN { print or(1, 2) }'
try -f nosuch f
try -z f
try '{ print }' nosuch f
