# What tar does to an archive that is there, and the options about what goes in.
t() { echo "\$ $1"; (eval "$1") 2>&1; s=$?; [ $s = 0 ] || echo "status $s"; }
umask 022
mkdir d; echo a > d/a; echo b > d/b; touch -d '2024-01-01 UTC' d/a d/b d
tar --sort=name -cf x.tar d
t 'tar -df x.tar'
echo aa > d/a; echo n > d/n; touch -d '2024-02-01 UTC' d/a d/n; touch -d '2024-01-01 UTC' d
t 'tar -df x.tar'
t 'tar -dvf x.tar'
t 'tar --diff -f x.tar d/b'
t 'tar -uvf x.tar d/a d/b d/n; tar -tf x.tar'
t 'tar uf x.tar d; tar tf x.tar | sort'
rm d/b; chmod 700 d; ln -s q d/l
t 'tar --compare -f x.tar'
t 'tar rf x.tar d/l; rm d/l; ln -s z d/l; tar df x.tar d/l'
t 'tar --delete -f x.tar d/a; tar tf x.tar'
t 'tar --delete -f x.tar nope; tar tf x.tar'
t 'tar cf y.tar d/n; tar -Af x.tar y.tar; tar tf x.tar'
t 'tar -Af nosuch.tar y.tar'
t 'tar df nosuch.tar'
t 'tar df x.tar d/zz'
t 'tar --newer-mtime="2024-01-15 UTC" -cf z.tar d/a d/n; tar tf z.tar'
t 'tar --newer-mtime="2024-02-15 UTC" -cf z.tar d/a d/n; tar tf z.tar | wc -l'
t 'tar -tvf x.tar --full-time | tail -n 1 | grep -o "2024.*"'
t 'tar --show-defaults'
t 'tar cf q.tar -b 1 d/n; stat -c %s q.tar; tar tf q.tar; tar cf q.tar d/n; stat -c %s q.tar'
t 'tar -b x -cf q.tar d'
t 'tar -I nosuchprog -tf x.tar 2>&1 | head -n 1'
t 'tar -I gzip -cf r.tgz d/n; tar tzf r.tgz; tar --gunzip -tf r.tgz'
t 'tar -H foo -cf r.tar d'
t 'tar -H ustar -cf r.tar d/n; tar --format=pax -cf s.tar d/n; tar tf s.tar'
t 'tar -uzf foo.tgz d'
t 'tar --delete -zf foo.tgz d'
t 'tar -c -u -f x.tar d'
echo new > d/n; touch -d '2025-01-01 UTC' d/n
t 'tar xf y.tar --keep-newer-files; cat d/n'
t 'tar xf y.tar --unlink-first; cat d/n'
t 'tar cf k.tar d/a d/n d/l; tar -K d/n -tf k.tar'
t 'tar -tf k.tar --index-file=list -v; wc -l < list'
t 'tar cvf k.tar --transform=s/d/e/ --show-transformed-names d/a'
t 'tar cf k.tar --acls --xattrs --no-selinux --sparse d/a && echo ok'
t 'tar --bogus'
