# cmp: its options and its complaints
case_() { n=$((n + 1)); mkdir "$n" && cd "$n" && echo "== $n"; }
case_
echo abc > a
echo abd > b
cmp a b
cmp -l a b
cmp -s a b
echo $?
cmp -b a b
cmp -bl a b
cmp -n 2 a b
echo $?
cmp -i 2 a b
cmp -i 2:1 a b
cmp a b 2 1
cmp --ignore-initial=3 a b
cmp --print-bytes a b
cmp --bytes=2 a b
cd ..
case_
cmp
cmp a
echo a > a
echo > b
cmp a
cmp a nosuch
cmp nosuch a
cmp -s nosuch a
cmp -Z a b
cmp a b c
cmp a b 1 2 3
cmp -n x a b
cmp -i x a b
cmp -l -s a b
cmp --nosuch a b
cmp a
cmp . a
cd ..
case_
printf 'ab' > a
printf 'abc' > b
: > e
cmp a b
cmp b a
cmp e a
cmp a e
printf 'a\nb\n' > x
printf 'a\nb\nc\n' > y
cmp x y
cmp y x
cmp -l x y
cmp -s x y
printf 'a\nb' > x
cmp x y
cmp -v | head -1
cmp x - < x
printf '\001\200\n' > q
printf '\002\377a' > r
cmp -bl q r
cmp -b q r
cd ..
