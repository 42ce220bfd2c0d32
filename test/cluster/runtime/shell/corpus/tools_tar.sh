# Archives: where members come from, what is left out, and what is said of it.
umask 022
mkdir -p d/e; echo hello > d/x.txt; echo w > d/e/y.txt; echo f > f; echo g > g
try() { echo "== tar $*"; tar "$@" 2>&1; r=$?; [ "$r" = 0 ] || echo "status $r"; }

try cf a.tar -C d x.txt -C e y.txt; try tf a.tar
try cf a.tar f -C d x.txt -C .. g; try tf a.tar
try cf a.tar -C nosuch x
try cf a.tar d/../g; try tf a.tar
try cf a.tar g a.tar
ln f hard; try cf a.tar f hard; tar tvf a.tar | sed 's/ .*:.. / /'; rm f hard; try xf a.tar; [ f -ef hard ] && echo one file; rm hard
try cf a.tar d --exclude=e; tar tf a.tar | sort
try cf a.tar --exclude=e d f; tar tf a.tar | sort
try xf a.tar ./d
try tf a.tar d/x.txt/
try tf a.tar '*.txt'
tar xvvf a.tar f | sed 's/ .*:.. / /'
tar tvf a.tar --numeric-owner f | sed 's/ .*:.. / /' | tr -d 0-9
try xzf a.tar
try xjf a.tar
try xJf a.tar
try xzf nosuch.tgz
try tf nosuch.tar
try cf nodir/a.tar g
try tf /dev/null
seq 1 1000 > n; tar cf a.tar n; head -c 2000 a.tar > cut.tar; try tf cut.tar; try xf cut.tar
try cf a.tar d; try xf a.tar --one-top-level; ls -d a/d/e; try xf a.tar --one-top-level=b; ls b
