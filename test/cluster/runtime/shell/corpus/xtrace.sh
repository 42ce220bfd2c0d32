exec 2>&1
set -x
echo a "b c" 'd*'
x=1 y="2 3"
for i in 1 2; do :; done
echo $x | cat
x=1 env true
set +x
echo off
