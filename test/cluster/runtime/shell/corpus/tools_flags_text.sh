# The options of grep, xargs, sed, sort, uniq, cut, tr, wc, head, tail, od, base64 and the checksums that people use, and what they say of wrong ones.
printf 'banana 3 yellow\napple 10 red\ncherry 7 red\nDate 1 brown\n' > f; seq 1 20 > n; printf 'a,b,c\n1,2,3\n4,,6\n' > c.csv; mkdir d; echo x > d/x; echo yy > d/y; mkdir d/sub; echo z > d/sub/z; ln -s f l; printf 'one\n\n\ntwo  three\tfour\n' > t; printf hello > nonl
grep -b a f; grep -ob an f; grep -z a f | tr '\0' '\n'; grep -T -n a f; grep -Z -l a f | tr '\0' '!'; echo; printf 'a\0b\n' > bin; grep a bin; grep -c a bin; grep -I a bin; grep -a a bin | od -c; grep -nr two t; grep -r x d | sort; grep --label=xx -H a < f; grep -l a < f; grep -d skip a d f; grep -n -A1 --group-separator=++ -e apple -e Date f n; grep -A1 --no-group-separator red f; grep -y DATE f
grep '['  f; grep '[a' f; grep -E '*a' f; grep -P '(' f; grep -P '*' f; grep --zzz; grep -e; grep -A x a f; grep -m x a f
seq 3 | xargs -i echo {}; xargs -a n -L 10 echo; seq 3 | xargs -s 5 echo; seq 6 | xargs -s 12 echo; echo 1 | xargs sh -c 'exit 255'; echo $?; seq 3 | xargs -n 0; seq 3 | xargs -E 2; seq 4 | xargs -n2 -t echo; seq 2 | xargs -I% sh -c 'echo %%'; xargs -a nosuch
sed -z 's/\n/,/g' n; echo; sed -s -n '$p' f n; sed -n F f | head -1; sed -n '/ch/R n' f; sed 'y/ab/c/' f; sed 's/a/\1/' f; sed a f; sed w f; sed : f; sed -i s/a/b/; sed -i s/a/b/ d; sed -n -l 8 l f; printf 'a\rb\001\n' | sed -n l; sed --posix -n 1p f; sed -n '/red/W out' f; cat out
sort -k2.2 f; sort -k3.1,3.2 -k1.2 f; sort -t, -k2.1,2.1r c.csv; sort -m f n | head -2; sort -k0 f; sort -k1.0 f; sort -k2x f; sort -kx f; sort -t ab f; sort --parallel=2 -rn n | head -2; sort --sort=version n | tail -1; sort --check=quiet f; echo $?; sort -nu n | wc -l
printf 'a\na\nb\nb\nc\n' > u; uniq -D u; uniq --all-repeated=separate u; uniq --group u; uniq --group=both u; uniq -c u out; cat out; uniq -u u; uniq -x; uniq a b c
cut -f0 f; cut -f3-2 f; cut -fa f; cut -c1 -f1 f; cut -z -c1 nonl | od -c; cut -c a f; cut -f- f; cut -b 0 f; cut -d: -f1,, f
tr z-a b; tr '[:foo:]' x; tr a b c; tr -d a b; tr a; tr -t abc x < f | head -1; echo x | tr x ''
wc f n < f; wc d; cat f | wc; wc < f; printf 'f\0n' | wc -l --files0-from=-
head d; tail d; head -z -n1 nonl | od -c; printf 'a\0b\0' | tail -z -n1 | od -c; tail -f nosuch; tail -n x f; head -n x f; head -c -50 f
tee -z; seq -f %d 2; seq -f x 2; seq -f '%03g' 2; seq 1 2 3 4; seq 1 0 5
od -j2 -N3 -c nonl; od -t x1z nonl; od -w4 -An -tx1 f | head -2; od -i nonl; od -t f4 -N4 f; od -tq f; od -s nonl; od -a t | head -1; od --endian=big -tx2 nonl; od -A d -t c -t x1 nonl; od -tfD -N8 f; od -j 99 nonl; od -A q nonl
base32 nonl; echo NBSWY3DP | base32 -d; echo; basenc --base16 nonl; basenc --base64url nonl; basenc nonl; echo aGk | base64 -d; echo; echo 'aGV!' | base64 -d; echo; base64 -w x nonl
sha256sum f n > s; sha256sum -c s; echo x >> f; sha256sum -c --quiet s; sha256sum --status -c s; echo $?; rm n; sha256sum -c s; sha256sum -c --ignore-missing s; md5sum d; md5sum --tag nonl; md5sum -b nonl; md5sum -c nonl; md5sum -w -c s; md5sum -z nonl | od -c | tail -2
