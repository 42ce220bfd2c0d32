# bc and dc: the language, the mathematical functions, and what is said of mistakes.
f() {
  rm -rf /tmp/flags.$$; mkdir /tmp/flags.$$; cd /tmp/flags.$$
  umask 022
  printf 'banana 3 yellow\napple 10 red\ncherry 7 red\nDate 1 brown\n' > f
  seq 1 20 > n
  printf 'a\na\nb\nB\nb\nc\n' > u
  printf 'a,b,c\n1,2,3\n4,,6\n' > c.csv
  printf 'one\n\n\ntwo  three\tfour\n  five six\n' > t
  printf hello > nonl
  printf 'a\0b\0c\n' > bin
  printf '1 a\n2 b\n4 d\n' > j1
  printf '1 x\n2 y\n3 z\n' > j2
  : > e
  mkdir d d/sub; echo x > d/x; echo yy > d/y; echo z > d/sub/z
  ln -s f l; ln -s nowhere dl; ln -s d ld
  echo hid > .h
  chmod 600 n; chmod 755 c.csv
  touch -h -d '2020-01-02 03:04:05 UTC' f n u c.csv t nonl bin j1 j2 e l dl ld .h d/x d/y d/sub/z d/sub
  touch -d '2021-05-06 07:08:09 UTC' n; touch -d '2020-01-02 03:04:05 UTC' d
}
t() {
  echo "\$ $1"
  (eval "$1") > ../flags.$$.o 2> ../flags.$$.e < /dev/null
  s=$?
  cat ../flags.$$.o ../flags.$$.e
  [ $s = 0 ] || echo "status $s"
}
f
t 'echo '\''1+2; 10/3; scale=3; 10/3; 2^10; sqrt(2)'\'' | bc'
t 'echo '\''scale=10; 4*a(1)'\'' | bc -l'
t 'echo '\''l(2); s(1); e(1); c(1); a(1); j(0,1); e(10); e(-3); l(0.5); s(100); c(-7.5); a(-20); l(123456789)'\'' | bc -l'
t 'echo '\''scale=50; 4*a(1); e(1); l(10); sqrt(2)'\'' | bc -l'
t 'echo '\''2^1000'\'' | bc'
t 'echo '\''define f(x) { return x*2 }; f(4)'\'' | bc'
t 'printf '\''define f(n) {\n  if (n <= 1) return 1;\n  return n * f(n-1);\n}\nf(20)\n'\'' | bc'
t 'echo '\''ibase=16; FF; A+B; obase=2; 5'\'' | bc'
t 'echo '\''obase=16; 255; 4095; obase=2; 10; 0.5; obase=20; 399; 1.5'\'' | bc'
t 'echo '\''ibase=2; 1010; 1.1; 102'\'' | bc'
t 'echo '\''if (1<2) print "yes\n"; while (i<3) { i=i+1; i }; for (j=0;j<2;j++) j'\'' | bc'
t 'echo '\''x=5; x; x+=2; x; (x=9); x++; ++x; x--; x; y[3]=4; y[3]*2; y[0]'\'' | bc'
t 'echo '\''1/0'\'' | bc'
t 'echo '\''5/0; 3'\'' | bc'
t 'echo '\''10%3; scale=2; 10%3; -7%3; 7.5%2'\'' | bc'
t 'echo '\''1.25*1.25; scale=1; 1.25*1.25; 1.5+1.25; 2^-2; scale=4; 2^-2; 1.1^3'\'' | bc'
t 'echo '\''-2^2; 2^3^2; !0; !5; 3>2; 2>=3; 1==1 && 2==3; 1||0'\'' | bc'
t 'echo '\''length(123.45); scale(1.234); length(0); length(0.05); sqrt(16); sqrt(-1)'\'' | bc'
t 'echo '\''1 +'\'' | bc'
t 'echo '\''foo bar'\'' | bc'
t 'echo '\''$'\'' | bc'
t 'echo '\''g(3)'\'' | bc'
t 'echo '\''"hello"; print "a", 1+1, "\n"'\'' | bc'
t 'echo '\''last; 5; last+1; .'\'' | bc'
t 'echo '\''/* c */ 1 # x'\'' | bc'
t 'echo '\''100000000000000000000 * 123456789012345678901234567890'\'' | bc'
t 'echo '\''auto x'\'' | bc'
t 'echo '\''scale=2; 100*1.075; 2/3; -2/3; 0.5; -.5; 0.0'\'' | bc'
t 'bc nosuch'
t 'echo '\''define f(a[]) { a[0]=7; return a[1] }; b[1]=3; f(b[]); b[0]'\'' | bc'
t 'echo '\''define f(x) { auto y; y=x; return (y+1) }; y=10; f(1); y'\'' | bc'
t 'printf '\''i=0\nwhile(1){\n i++\n if(i==3) continue\n if(i>5) break\n i\n}\n'\'' | bc'
t 'echo '\''3.14159*2^2'\'' | bc'
t 'echo '\''(1+2)*3-4/2'\'' | bc'
t 'echo '\''scale=5; 22/7'\'' | bc'
t 'echo '\''obase=8; 64'\'' | bc'
t 'echo '\''1e5'\'' | bc'
t 'echo '\''x'\'' | bc'
t 'echo '\''e(1)'\'' | bc'
t 'echo '\''for(i=1;i<=3;i++){for(j=1;j<=2;j++) print i*j," "; print "\n"}'\'' | bc'
t 'echo '\''if(0) 1 else 2'\'' | bc'
t 'echo '\''1 2 + p'\'' | dc'
t 'dc -e '\''5 3 ^ p'\'''
t 'dc -e '\''2 k 10 3 / p'\'''
t 'dc -e '\''[hi] p f'\'''
t 'dc -e '\''16 i FF p'\'''
t 'dc -e '\''2 o 5 p'\'''
t 'dc -e '\''1 sa la p z p'\'''
t 'dc -e '\''10 3 ~ f'\'''
t 'dc -e '\''2 10 7 | p'\'''
t 'dc -e '\''20 k 2 v p'\'''
t 'dc -e '\''_5 p'\'''
t 'dc -e '\''1 0 / p'\'''
t 'dc -e '\''+'\'''
t 'dc -e '\''p'\'''
t 'dc -e '\''1 2 3 r f c z p'\'''
t 'dc -e '\''[la1+dsa*pla10>y]sy 0sa1 lyx'\'''
t 'dc -e '\''5 [d1-d0<x]dsxx f'\'''
t 'dc -e '\''65 P 10 P'\'''
t 'dc -e '\''[abc] n 10 P'\'''
t 'dc -e '\''5 2:a 2;a p'\'''
t 'dc -e '\''1 Sa 2 Sa La p La p'\'''
t 'dc -e '\''3 4 =x'\'''
t 'dc -e '\''65 a p'\'''
t 'dc -e '\''100 Z p 1.234 X p'\'''
t 'dc -e '\''16 o 255 p 8 o 64 p'\'''
t 'dc -e '\''2 100 ^ p'\'''
t 'dc -e '\''2 1000 ^ p'\'''
t 'dc -e '\''[1 p q 2 p] x 3 p'\'''
t 'dc -e '\''[[1 p 2 Q] x 3 p] x 4 p'\'''
t 'dc -e '\''0.5 p .5 _1 * p'\'''
t 'dc -V | head -1'
t 'dc -e '\''1 k 7 2 / p 7 2 % p'\'''
t 'dc -e '\''K p I p O p'\'''
t 'dc -e '\''1 i'\'''
cd /; rm -rf /tmp/flags.*
