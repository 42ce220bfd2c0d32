mkdir -p a/b/c; touch a/1 a/b/2; echo data > a/b/c/3; find a | sort; find a -type f | sort; find a -name '*[12]' | sort; find a -maxdepth 1 | sort
cp a/b/c/3 copy; cat copy; cp -r a a2; find a2 -type f | wc -l; mv copy moved; ls moved; cat copy; ls nope; echo $?
ln -s moved link; readlink link; cat link; [ -L link ] && echo islink; ln moved hard; [ moved -ef hard ] && echo same
chmod 640 moved; stat -c '%a %s %F' moved; chmod u+x,g-r moved; stat -c %a moved; chmod -w link 2>/dev/null; stat -c %A moved
rm moved; cat link; rm -f nope; rm nope; echo $?; rmdir a; echo $?; rm -r a; ls a; rm a2; rm -rf a2; mkdir a2; rmdir a2; ls -d a2
mkdir x; mkdir x; echo $?; mkdir -p x/y/z && echo ok; touch -d '2020-01-02 03:04:05' x/f; stat -c %y x/f | cut -c1-19; ls x; ls -1 x; ls -F x
tar cf t.tar x; tar tf t.tar | sort; rm -r x; tar xf t.tar; find x | sort; tar czf t.tgz x; tar tzf t.tgz | wc -l; gzip -c hard > h.gz; gunzip -c h.gz; zcat h.gz
dd if=/dev/zero of=z bs=1024 count=4 2>/dev/null; wc -c < z; truncate -s 10 z; stat -c %s z; du -k x | tail -1 | cut -f2; cmp z z 2>/dev/null; test -s z && echo nonempty
mktemp -d tmpXXXXXX | wc -c; pwd | wc -l; realpath link | sed 's#.*/##'; env -i FOO=bar env; printenv HOME >/dev/null && echo home; which ls >/dev/null && echo which; which nope; echo $?
timeout 0.1 sleep 5; echo $?; timeout 5 true; echo $?; nohup echo hup 2>/dev/null; date -u -d @0 +%F; date -u -d '2021-03-04 05:06:07' '+%Y/%m/%d %H:%M:%S %a %b %j'; true; yes no | head -2; sleep x; echo $?; cat nope; cp nope y; mv nope y; chmod 644 nope; ls -z 2>&1 | head -1
