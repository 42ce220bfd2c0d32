# The options of cut, tr, comm, join, split, expand, unexpand, od, shuf and seq.
printf 'banana 3 yellow\napple 10 red\ncherry 7 red\nDate 1 brown\n' > f; seq 1 20 > n; printf 'a\tb  c\n\n\n\n x \001\303\251\177\nno end' > t; printf 'a\na\nb\nc\nC\n' > u; mkdir d d/sub; echo x > d/x; echo yy > d/sub/.h; ln -s f l; exec 2> .err
cut -d ab -f1 f; cut -d '' -f1 f; cut -s -c1 f; cut -d: -c1 f; cut -f1 -c1 f; cut -d' ' -f1,3 --output-delimiter=: f; cut --complement -c1-3 f; cut -c 2- f; cut -nb1 f; cut -O x -f1 f
tr -A a b < f; tr -cs 'a-z' '\n' < f; tr --delete a < f; tr a-y b-z < f; tr '[:lower:]' '[:upper:]' < f; tr -ds a e < f
printf 'a\nb\nd\n' > x1; printf 'b\nc\nd\n' > x2; comm x1 x2; comm --total x1 x2; comm -12 --output-delimiter=: x1 x2; comm --output-delimiter=: x1 x2; comm f u; comm --check-order f u; comm --nocheck-order f u; comm nosuch u; comm -z x1 x2; comm f f
printf 'b 1\na 2\n' > j1; printf 'a 1\nb 2 3\n' > j2; join j1 j2; join --header j2 j2; join -o auto -a1 -e X j2 j1; join --check-order j2 j1; join -t: f f; join -a3 j1 j2; join -o 1 j1 j2; join -o 1.x j1 j2; join -o 0,1.2,2.2 j2 j2; join -j x j1 j2; join -i -v1 j2 f; join -z j1 j2; join -1 2 -2 1 j1 j2
split -n 3 n; ls; wc -c x*; rm x*; split -n l/3 n; wc -c x*; rm x*; split -n r/3 n; cat xaa; rm x*; split -n 2/3 n; split -n l/2/3 n; split -n r/2/3 n; ls
split -C 10 n p; wc -l p*; rm p*; split -x -l 7 n p; ls; rm p*; split --numeric-suffixes=8 -l 5 n p; ls; rm p*; split -d -a 3 -b 20 --verbose n; split --additional-suffix=.txt -l 10 n z; ls z*
split -l 5 --filter='wc -l; echo $FILE' n; split --filter='exit 3' n; split -l 0 n; split -b x n; split -n 0 n; split -n 5/3 n; split -l 2 -b 3 n; split -a x n; split -a 1 -l 0x n; split -a1 -b1 n; split --additional-suffix=a/b n; split -n x n; split -5 n; ls; split a b c; split -b 0 n; split -t , -l1 f; split -e -n 100 u; ls | wc -l
i=0; seq 700 > s; split -l 1 s; ls | tail -4; ls x* | wc -l; tail -n2 xzaaz
expand -t 4 t; expand -t 2,5 t; expand -3 t; expand -i t; printf 'a\tb\tc\td\n' > e; expand -t 3,/4 e; expand -t 3,+4 e; expand -t 0 e; expand -t x e; expand -t 5,3 e; expand -t 1,2,3 e; expand -2,6 e
printf '        a       b\n  \t c  d   e\n a b\n' > e; unexpand e | od -c; unexpand -a e | od -c; unexpand -t 4 e | od -c; unexpand --first-only -t 4 e | od -c; unexpand -t 2,4 e | od -c; unexpand -f e; unexpand -4 e
od -S 3 t; od --strings=2 f; od -w1 n | head -2; od -w3 -tx1 n | head -2; od --traditional f | head -1; od -f f; od --endian=x f; od --skip-bytes=x f; od -tx1 -N3 f; od -v -An -tx1 f | head -2; od -x -c n | head -4; od -j3 -tc f u | head -2; od -tz f; od -t x3 f; od -w0 f; od -wx f
shuf -n x f; shuf -i 3-1; shuf -e a b -i 1-2; shuf f u; shuf -i 1-3 x; shuf -i x; shuf -rn1 /dev/null; shuf -rn3 -e a; shuf -zn2 -e a b | wc -c; shuf -o o -n 2 u; wc -l o; shuf -n0 f; shuf -i 5-4
seq --separator=: 3; seq -s, -w 8 10; seq -f %g.x 2; seq --format=%03g 2; seq --equal-width 9 10; seq -w -1 1; seq 1 .5 2; seq x; seq; seq -f '%d' 2; seq -w -f %g 2; seq 3 -1 1; seq 1e1 11; seq -- -1 1; seq --nosuch; seq -x 3; seq 1 0 2; seq --version | head -1
cat .err
