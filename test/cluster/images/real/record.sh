#!/bin/sh
# Records what Debian's own network programs (curl 7.88.1, wget 1.21.3, netcat-openbsd) say to the server of server.js, as a
# user who can harm nothing. Run it after changing a script: test/cluster/images/real/record.sh [NAME...]
as=
[ "$(id -u)" != 0 ] || as='setpriv --reuid=65534 --regid=65534 --clear-groups'
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- $(cd "$here" && ls *.sh | sed 's/\.sh$//; /^record$/d')
for name; do
  dir=$(mktemp -d)
  mkdir "$dir/w" "$dir/bin" && cp "$here/$name.sh" "$here/network.head" "$dir/w" && cp "$here/server.js" "$dir"
  ln -s "$(command -v dash)" "$dir/bin/sh"
  [ -z "$as" ] || chown -R 65534:65534 "$dir"
  $as "$(command -v node)" "$dir/server.js" & server=$!
  sleep 1
  (cd "$dir/w" && timeout 100 $as env -i PATH="$dir/bin:/usr/bin:/bin" LC_ALL=C dash "$name.sh" > "$dir/out" 2>&1 < /dev/null; echo "exit $?" >> "$dir/out")
  kill $server
  cp "$dir/out" "$here/$name.out"
  rm -rf "$dir"
done
