# How find reads its expression, and how it writes what it has found.
umask 022
mkdir -p d/e; echo hello > d/x.txt; echo 'hello world' > d/e/y.txt; echo '#inc' > d/z.c
touch -d '2020-01-02 03:04:05' d/z.c
try() { echo "== find $*"; find "$@" 2>&1 | sort; }

try d -regex '.*\.\(txt\|c\)'
try d -regex '.*x+\.t.t'
try d -regex '.*(x)\.txt'
try d -regex 'x.txt'
try d -regextype posix-extended -regex '.*\.(txt|c)'
try d -regextype sed -regex '.*/[a-z]\{1\}\.c'
try d -regextype perl -regex x
try d -printf '%y %d %f|%5s|%-4m|%.3f\n'
try d -name z.c -printf '%TY-%Tm-%Td %TH:%TM:%TS %T@ %t|%T+|%TT|%TD|%Tj|%a\n'
try d -name z.c -printf 'a\101\x41 %q\n'
find d -name z.c -printf 'a\cb'; echo
try d -name x.txt , -name y.txt
try d '(' -name x.txt , -name z.c -print ')'
try d -size 5x
try d -size x
try d -newer nosuch
try d -name x.txt ')'
try -O3 d -name x.txt
ln -s d l
try -H l -name x.txt
try -P l
try l
