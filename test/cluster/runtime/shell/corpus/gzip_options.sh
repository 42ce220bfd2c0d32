# gzip: its options, its names for files, and its complaints
case_() { n=$((n + 1)); mkdir "$n" && cd "$n" && echo "== $n"; }
case_
echo a > x
gzip -z x
gzip -Q x
gzip --nosuch
gzip nosuch
gzip x
gzip x.gz
ls
gunzip x
gunzip x
gzip x
zcat x
gzip -t x
gzip -d x
gzip -kv x
gzip -k x
gzip -S .z x
ls
gzip -c nosuch
gunzip -c x
cd ..
case_
echo a > x
gzip -V | head -1
gzip -n x
zcat x.gz
zcat x
zcat nosuch
gzip -l nosuch
gzip -d x.gz
mkdir d
echo b > d/f
gzip d
gzip -r d
ls d
gzip -dr d
ls d
gzip -h | head -3
gzip --rsyncable -9 -N x
gzip -l x.gz | wc -l
gzip -L | head -1
gzip -dc < x.gz
gzip -dcf d/f
zcat -f d/f
gzip -t d/f
gzip -tv x.gz
gzip -l x
cd ..
case_
mkdir -p d/e
echo 1 > d/a
echo 2 > d/e/b
gzip -r d
find d -type f | sort
gunzip -r d
find d -type f | sort
echo q > q
gzip --suffix=.foo q
ls
gzip -d -S .foo q.foo
ls
gzip --best -c q | gzip -dc
gzip -c q > z.tgz
gunzip z.tgz
ls
cd ..
