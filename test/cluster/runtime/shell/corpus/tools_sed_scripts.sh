# What sed makes of texts, escapes, addresses and options that are easily mistaken.
printf 'one\ntwo\nthree\n' > g
printf 'a:b:c\nd:e:f\n' > h
try() { echo "== sed $*"; sed "$@" 2>&1; r=$?; [ "$r" = 0 ] || echo "status $r"; }

# Texts: what follows a backslash keeps its blanks.
try '1i\  indented' g
try '/two/a\    image: nginx' g
try '1i \  x' g
try '1i\\tx' g
try '2c\changed\nx' g
try '$a foo\tbar\\n' g
try '1a\' g
try '2i\ ' g
try '1a\
first\
  second' g
printf 'a\nb' | sed 'a x'

# Characters by their escapes.
printf 'a\r\nb\r\n' | sed 's/\r$//'
echo foo | sed 's/o/\x41/;s/\x6f/B/'
echo foo | sed 's/o/\o101/;s/f/\d070/'
echo foo | sed 's/o/\cA/' | od -An -c
echo foo | sed 's/o/\f\v\a\r/' | od -An -c
echo 'a*b' | sed 's/\x2a/x/;s/b/\x26/'
echo foo | sed 's/[\x6f]/0/g;y/f\n/x\t/'
printf 'a\nb\n' | sed 'N;/^b/Ms/a/X/'

# Scripts that are refused.
for script in 's/a/b/gg' 's/a/b/pp' 's/a/b/0' 's/a/b/2 3' 's/a/b/x' '1!!p' 'p p' 'dp' 'q,2' '1,2q' '1:a' 0p 0,3p '~2p' '+1p' '2,p' bfoo //d 'v 9.0' 'y/a/bc/'; do
  try "$script" h
done
for script in 's/a/b/w x' '1r x' 'w x'; do try --sandbox "$script" g; done
try -f nosuch g
try p . g
try '1~p;2~' g
try '1,~p' g

# Files.
printf '#n\n2p\n' > script; try -f script g
sed -n '/nothing/w empty' g; wc -c < empty
sed 's/a/b/w /dev/stderr' h 2>&1 > out; cat out
ln -s g l; sed -i s/one/1/ l; [ -L l ] || echo a file; cat g
ln -sf g l; sed -i --follow-symlinks s/one/2/ l; [ -L l ] && cat g
mkdir old; sed -i'old/*.bak' s/two/2/ g; cat g old/g.bak
