# Bytes shown and changed: hexdump, od, dd.
seq 1 20 | hexdump; seq 1 20 | hexdump -C; printf abcdef | hexdump -e '1/1 "%02x "'; echo
printf abc | hexdump -v -e '/1 "%d\n"'; seq 1 9 > f; hexdump -C -n 9 -s 4 f; printf 'a\tb\0c\377' | hexdump -c; printf abc | hexdump -b
printf abc | hexdump -x; printf abc | hexdump -d; printf abc | hexdump -o; echo x | hexdump -C -s 1; echo $?
dd if=/dev/zero bs=100 count=1 2>/dev/null | hexdump -C; dd if=/dev/zero bs=100 count=1 2>/dev/null | od
seq 1 12 | hexdump -e '"%08.8_ax  " 4/1 "%3u " "\n"'; printf 'one two' | hexdump -e '"%_p"' ; echo
printf 'hello\n' | od -c; printf 'hello\n' | od -An -tx1; seq 1 20 | od -A d -t x1; printf abcdefgh | od -t u4
printf abc | dd conv=ucase 2>/dev/null; echo; printf ABC | dd conv=lcase 2>/dev/null; echo; printf abcd | dd conv=swab 2>/dev/null; echo
printf ab | dd bs=4 conv=sync 2>/dev/null | od -c; dd conv=nosuch < /dev/null; echo $?; dd nosuch; echo $?
