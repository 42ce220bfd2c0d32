# The options of cat, nl, fold, paste, tac, uniq, wc, head and tail.
printf 'banana 3 yellow\napple 10 red\ncherry 7 red\nDate 1 brown\n' > f; seq 1 20 > n; printf 'a\tb  c\n\n\n\n x \001\303\251\177\nno end' > t; printf 'a\na\nb\nc\nC\n' > u; mkdir d d/sub; echo x > d/x; echo yy > d/sub/.h; ln -s f l; exec 2> .err
printf 'a\n' > o1; printf 'b' > o2; cat -n o1 o2 o1; cat -s o1 t; cat -E o2 o1; cat -vET t
nl -b a -n rz -w 3 -s: u; nl -v 10 -i 5 u; nl -ba -l2 t; nl -bpa u; nl -n ln u; printf '\\:\\:\\:\nh\n\\:\\:\nb\n\\:\nf\n' | nl -ha -fa; nl -b x u; nl -w 0 u; nl -d '%%' u; nl -p t
fold -w 5 t; fold -s -w 8 t; fold -bw3 f; fold -sw 4 f; printf 'aa bb cc dd\n' | fold -s -w 6; printf '\ta\n' | fold -w 4
paste -d ',;' f u n; paste -s -d '\n,' n; paste - - < n; paste -d '\' f u; paste -sz f; paste nosuch f; paste -s nosuch u; paste -d '\0' u u
tac -s e f; tac -b -s a f; tac -r -s '[ae]' f; tac -r -b -s '[0-9]' n; printf 'a\nb' | tac; printf 'aXXbXXc' | tac -s XX; tac u nosuch f
uniq -f1 -c u; uniq -w1 -i u; uniq -s x u; uniq --group -c u; uniq -cD u; uniq -1 f; uniq -D -w0 u; uniq -zc f; uniq -ud u
wc -L t; wc -wm t; printf 'a\bb\tc\rd\n' | wc -L; wc --files0-from=f x; LC_ALL=C.UTF-8 wc -mL t; LC_ALL=C wc -m t
tail -2 f; tail -2 f u; tail -n+3 n u; tail +18 n; tail --pid=x f; tail -s x f; head -n -18 n; head -c -45 n; tail -c +50 n; head -qn1 f u; head -vn1 f; tail -vn1 f; head -n1k n | wc -l; tail -n 1K n | wc -l; tail -n -2 n; tail -c2b n | wc -c
cat .err
