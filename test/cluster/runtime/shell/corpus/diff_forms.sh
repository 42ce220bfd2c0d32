# diff: its forms, what it ignores, directories, and what it says of wrong arguments
case_() { n=$((n + 1)); mkdir "$n" && cd "$n" && echo "== $n"; }
case_
seq 1 20 > a
sed 's/^5$/five/;s/^15$/fifteen/;7d' a > b
touch -d @0 a b
diff -u a b
diff -c a b
diff a b
cd ..
case_
seq 1 20 > a
sed 's/^5$/five/;s/^15$/fifteen/;7d' a > b
diff -e a b
diff -n a b
diff -f a b
cd ..
case_
seq 1 20 > a
sed 's/^5$/five/;7d;9a new' a > b
diff -y a b
diff -y -W 40 a b
diff -y --suppress-common-lines a b
diff -y --left-column -W 30 a b
cd ..
case_
seq 1 20 > a
sed 's/^5$/five/' a > b
touch -d @0 a b
diff -U 1 a b
diff -U0 a b
diff -u1 a b
diff -1 -u a b
diff -C 1 a b
diff -C0 a b
diff --context=1 a b
diff --unified=2 a b
diff --context a b
cd ..
case_
seq 1 5 > a
seq 1 6 > b
diff --color=always a b
diff --color=never a b
diff --color=x a b
diff --color a b
touch -d @0 a b
diff -u --color=always a b
cd ..
case_
printf 'a\n' > a
printf 'A\n' > b
diff -i a b
diff --ignore-case a b
diff -q a b
diff -s a a
diff -qs a b
diff -rq . .
cd ..
case_
printf 'a  b\n' > a
printf 'a b \n' > b
diff -w a b
echo $?
diff -b a b
echo $?
diff -Z a b
echo $?
diff -E a b
cd ..
case_
printf 'a\n\nb\n#x\n' > a
printf 'a\nb\n#y\n' > b
diff -B a b
diff -I '^#' a b
diff -B -I '^#' a b
echo $?
cd ..
case_
mkdir x y
echo 1 > x/a
echo 2 > y/a
echo 3 > x/o
echo 3 > y/p
mkdir x/s y/s
echo q > x/s/q
diff x y
diff -r x y
diff -rq x y
diff -rN x y
diff -r -x 'a' x y
diff -r --exclude=s x y
touch -d @0 x/* y/*  x/s/q
 diff -ruN x y
cd ..
case_
mkdir x y
echo 1 > x/a
echo 1 > y/a
diff -rs x y
echo z > y/A
diff -r x y
mkdir x/k
echo k > y/k
diff -r x y
cd ..
case_
printf 'a' > a
printf 'a\n' > b
diff a b
touch -d @0 a b
diff -u a b
diff -c a b
diff -y a b
cd ..
case_
printf 'a\0b' > a
printf 'a\0c' > b
diff a b
diff -a a b
diff -q a b
diff --text -q a b
cd ..
case_
diff
diff a
echo > a
diff a nosuch
diff nosuch a
diff nosuch nosuch2
diff a b c
diff -Q a b
diff --nosuch a a
diff -U a a
diff -U x a a
diff --unified=x a a
diff -W x a a
cd ..
case_
echo a > a
echo b > b
diff -L one -L two -u a b
diff --label one --label two -u a b
diff -u -L 1 -L 2 -L 3 a b
cd ..
case_
seq 1 30 > a
sed 's/^15$/x/' a > b
touch -d @0 a b
diff -up a b
printf 'int f()\n{\n1\n2\n3\n4\n5\n}\n' > a
sed 's/5/x/' a > b
touch -d @0 a b
diff -up a b
diff -cp a b
diff -u -F int a b
cd ..
case_
echo a | diff - a
echo a > a
echo b | diff a -
diff - - < a
diff a . 
diff . a
mkdir d
diff a d
cd ..
case_
echo a > a
echo b > b
diff --normal a b
diff --brief a b
diff --report-identical-files a a
diff -D X a b
diff --ifdef=Y a b
diff --line-format='%L' a b
diff --unchanged-line-format='' --old-line-format='<%L' --new-line-format='>%L' a b
diff -t a b
diff -T a b
diff --strip-trailing-cr a b
diff -d a b
diff --minimal a b
diff -H a b
cd ..
case_
printf '1\n2\n3\n' > a
printf '0\n1\n3\n4\n' > b
diff --old-group-format='<%<' --new-group-format='>%>' --unchanged-group-format='=%=' a b
diff --GTYPE-group-format=x a b
diff --changed-group-format='%<' --unchanged-group-format='' a b
cd ..
case_
printf '1\n2\n3\n' > a
cp a b
diff -y a b
diff -c a b
diff -q a b
diff -u -e a b
diff -u -c a b
cd ..
case_
echo a > a
mkdir d
echo b > d/a
diff a d
diff d a
diff -r a d
diff --from-file=a d/a
diff --to-file=a d/a
diff -x
cd ..
case_
ln -s nosuch l
echo > a
diff l a
diff -r --no-dereference . .
diff -h a a
diff -v | head -1
diff --version | head -1
diff --help | head -2
cd ..
case_
printf 'x\nx\n' > a
printf 'x\nx\nx\n' > b
diff a b
diff b a
printf 'f\n{\na\n}\n' > a
printf 'f\n{\na\n}\n\ng\n{\nb\n}\n' > b
diff a b
diff b a
cd ..
case_
printf 'a\nb\na\nb\n' > a
printf 'a\nb\na\nb\na\nb\n' > b
diff a b
diff b a
printf 'a\n\nb\n\nc\n' > a
printf 'a\n\nx\n\nb\n\nc\n' > b
diff a b
cd ..
case_
seq 1 20 > a
sed 's/^5$/five/;7d;18a x' a > b
touch -d @0 a b
diff -c --color=always a b
diff -y --color=always a b
diff -u --color=always a b
diff --color=always --palette='ad=33' a b
diff -e --color=always a b
diff --color=auto a b | head -2
cd ..
case_
printf 'a\nb' > a
printf 'a\nc' > b
touch -d @0 a b
diff a b
diff -u a b
diff -c a b
diff -e a b
diff -n a b
diff -y a b
diff -u --color=always a b
diff -w a b
cd ..
case_
printf 'a\tb\nlong line that goes on and on and on beyond half of the width of the page\n' > a
printf 'a\tc\nlong line that goes on and on and on beyond half of the width of the page yes\n' > b
touch -d @0 a b
diff -y a b
diff -y -t a b
diff -y -W 60 a b
diff -t a b
diff -T a b
diff -uT a b
diff -cT a b
diff -y -W 1 a b
diff -y --tabsize=4 a b
cd ..
case_
printf 'a\n.\nb\n' > b
printf 'a\nc\n' > a
diff -e a b
printf '.\n.\n' > a
diff -e b a
: > e
diff -e e a
diff -u --label e --label a e a
diff -c --label e --label a e a
diff e a
diff -y e a
cd ..
case_
printf 'a\n\n\nb\n' > a
printf 'a\nb\nc\n' > b
touch -d @0 a b
diff -B a b
diff -uB a b
diff -yB a b
diff -cB a b
printf 'A\nx\n' > a
printf 'a\n\tx\n' > b
diff -iw a b
diff -i a b
diff -w a b
diff -iE a b
cd ..
case_
mkdir x y
echo 1 > x/a
echo 2 > y/a
mkdir y/n
echo n > y/n/f
echo e > x/.h
ln -s a x/l
ln -s b y/l
echo b > y/b
diff -rN x y
diff -r x/ y/
diff -r --no-dereference x y
diff -S b -r x y
echo '*a' > pats
diff -r -X pats x y
diff -X nosuch -r x y
diff -rP x y
diff -ry -W 20 x y
diff -N x y
touch 'x/s p'
diff -r x y
cd ..
case_
mkdir x y
echo a > x/F
echo b > y/f
diff -r --ignore-file-name-case x y
diff -r x y
: > x/e
mkdir y/e
diff -r x y
diff x/F y
diff y x/F
diff -rq x y
diff -N x/F y/none
diff -N nosuch1 nosuch2
cd ..
case_
echo a > a
echo b > b
diff --col a b
diff --ignore a b
diff --ignore-c a b
diff --brief=1 a b
diff --label
diff -L
diff -I '[' a b
diff -F '\(' a b
diff --tabsize=x a b
diff --horizon-lines=x a b
diff --from-file=a --to-file=b a
diff --from-file=nosuch b
cd ..
case_
printf 'a\r\nb\n' > a
printf 'a\nb\n' > b
diff a b | od -c | head -3
diff --strip-trailing-cr a b
echo $?
printf 'a \n' > a
printf 'a\n' > b
diff -Z a b
echo $?
diff -b a b
echo $?
diff -E a b
printf 'a\n\nb\n' > a
printf 'a\n\nc\n' > b
diff -u --label a --label b --suppress-blank-empty a b | cat -A
cd ..
case_
echo a > a
diff a a
echo $?
diff -y a a
echo a | diff a -
echo $?
echo b | diff - a
diff -q - a < a
echo $?
true
cd ..
case_
seq 1 10 > a
seq 2 11 > b
diff --line-format='%3dn:%L' a b
diff --unchanged-group-format='@@ %df,%dl (%dn) %dE %dM %c'"'x'"' %% %(n=1?one:many)
' --old-group-format='old %<' --new-group-format='new %>' a b
diff --old-line-format='-%l
' --new-line-format='+%dn %l
' --unchanged-line-format='' a b
diff -D FOO a b
cd ..
