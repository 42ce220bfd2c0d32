printf 'a\nb\nc\nd\ne\nf\ng\nh\n' > x
printf 'a\nB\nc\nd\ne\nf\nh\ni\n' > y
diff x y; echo $?
diff -u x y | sed '1,2d'
diff -U1 x y | tail -n +3
diff -q x y
diff x x; echo $?
diff -s x x
printf 'a' > z; diff x z | tail -3
diff nosuch x; echo $?
diff -i x y | head -2
diff - x < y | head -1
mkdir d e; cp x d/f; cp y e/f; touch d/only
diff -r d e
diff -rq d e
diff d/f e | head -1
cmp x y; echo $?
cmp x x; echo $?
cmp -s x y; echo $?
cmp -l x y | head -2
cmp x z; echo $?
cmp x nosuch; echo $?
seq 5 > s
split -l 2 s; ls xa*; cat xab
split -b 3 -d s p; ls p*; cat p00
split -n 2 s q; ls q*
seq 3 | split -l 1 - r; ls r*
printf 'a\tb\n\tc\n' | expand
printf 'a\tb\n' | expand -t 4
printf '        x\n' | unexpand | od -c | head -1
