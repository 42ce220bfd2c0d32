# The options of sort, and of long names that are cut short.
printf 'banana 3 yellow\napple 10 red\ncherry 7 red\nDate 1 brown\n' > f; seq 1 20 > n; printf 'a\tb  c\n\n\n\n x \001\303\251\177\nno end' > t; printf 'a\na\nb\nc\nC\n' > u; mkdir d d/sub; echo x > d/x; echo yy > d/sub/.h; ln -s f l; exec 2> .err
sort -nM f; sort -ng f; sort -c -o x f; sort -cC f; sort -c f u; sort -nd f; sort -k1dn f; sort -S x f; sort -S 1x f; sort --parallel=0 f; sort --batch-size=1 f
printf 'v1.10\nv1.9\nv1.9~rc1\na.tar.gz\na-1.tar.gz\nfoo1.2\nfoo01.2\n.x\nB\nb\n' | sort -V
printf 'b\nA\na\n-c\n B\n' | sort -df; printf 'b\nA\na\n-c\n B\n' | sort -d -r; printf 'a\001b\naa\n' | sort -i
printf '1e3\n5\nnan\nx\n-inf\n 2\n+7\n' | sort -g; printf '1e3\n5\nnan\nx\n 2\n+7\n-1\n' | sort -n; printf '1K\n2M\n-1G\n5\n0\n1.5K\n' | sort -h; printf 'mar\n jan\nxx\nDEC\n' | sort -M
printf 'x 1 b\nx 2 a\ny 1 c\n' | sort -k1,1r -k2,2n; printf 'x 10 b\nx 9 a\n' | sort -k2nr; printf ' b\na\n  c\n' | sort -b; printf 'x   b\nx a\n' | sort -k2b; printf 'x   b\nx a\n' | sort -k2; printf 'x   b\nx a\n' | sort -bk2,2
printf 'a\na\nb\n' | sort -cu; printf 'a\nA\n' | sort -fu; printf 'b 1\na 1\n' | sort -uk2,2; printf 'a\na\n' | sort -R; printf "a\na\nb\nb\n" | sort -Ru | wc -l
sort --s f; sort --stab=1 f; sort --rever f | head -1; sort --vers f; ls --col=never | head -1; ls --sor=size | head -1; head --qui -n1 f; sort --help=1 f
cat .err
