#!/bin/sh
# Records what the programs of Debian's shadow and adduser print for accounts.sh, in a root of their own whose accounts are
# those of the image: record.sh DIRECTORY, with the /etc of the simulated debian:bookworm in DIRECTORY. Needs root.
here=$(cd "$(dirname "$0")" && pwd)
root=$(mktemp -d)
mkdir "$root/usr" "$root/home" "$root/tmp" "$root/dev" "$root/root" "$root/run" "$root/var" "$root/var/mail" "$root/var/lib" "$root/proc"
mount --bind /usr "$root/usr"
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
cp -a "$1" "$root/etc"
cp -a /etc/pam.d /etc/pam.conf /etc/login.defs /etc/adduser.conf /etc/deluser.conf /etc/security /etc/skel /etc/default "$root/etc"
cp -a /dev/null "$root/dev"
cp "$here/accounts.sh" "$root/tmp"
chroot "$root" env -i PATH=/usr/sbin:/usr/bin LC_ALL=C sh /tmp/accounts.sh > "$here/accounts.out" 2>&1 < /dev/null
umount "$root/usr" && rm -rf "$root"
