# What grep makes of patterns and options that are easily mistaken.
printf 'apple\nbanana\nApple pie\nfoo bar baz\n123 abc\n' > f
printf 'one\ntwo\n' > g
printf 'a\0b\0hello\0' > z
try() { echo "== grep $*"; grep "$@" 2>&1; r=$?; [ "$r" = 0 ] || echo "status $r"; }

try -oP 'foo \K\w+' f
try -oP '\d+(?= abc)' f
try -oP '(?i)APPLE' f
try -oP '[[:upper:]]\w+\h\Qpie\E' f
try -oP '(?P<x>an)(?P=x)' f
try -P '\Aapple\z' f
echo '"a":1,"b":2' | grep -oP '"\w":\K\d'
grep hello z 2> err; cat err
try -c hello z
try -f /dev/null f
try -e one -f nosuch g
: > none; try -vf none g
try -E '+a' g
try -E '?o' g
try -E 'a{2,1}' f
try '[:alpha:]' f
try '[.x.]' f
try -i --no-ignore-case APPLE f
try --no-ignore-case -i APPLE f
try -lc an f g
try -Lc an f g
grep -V | grep -c 'GNU grep'
try -A x apple f
