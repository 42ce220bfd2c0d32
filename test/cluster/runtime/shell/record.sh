#!/bin/sh
# Records what a real dash, or for bash_* a real bash, prints for the scripts of the corpus (Debian's shells and
# coreutils), as a user who can harm nothing. Run it after changing a script: test/cluster/runtime/shell/record.sh [NAME...]
as=
[ "$(id -u)" != 0 ] || as='setpriv --reuid=65534 --regid=65534 --clear-groups'
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- $(cd "$here/corpus" && ls *.sh | sed 's/\.sh$//')
for name; do
  dir=$(mktemp -d)
  mkdir "$dir/w" && cp "$here/corpus/$name.sh" "$dir/w/script.sh"
  for read in $(sed -n 's/^\. \.\/\([a-z]*\.head\)$/\1/p' "$dir/w/script.sh"); do cp "$here/corpus/$read" "$dir/w"; done
  case $name in bash_*) shell=bash;; *) shell=dash;; esac
  mkdir "$dir/bin" && ln -s "$(command -v dash)" "$dir/bin/sh"
  [ -z "$as" ] || chown -R 65534:65534 "$dir"
  (cd "$dir/w" && timeout 60 $as env -i HOME=/root PATH="$dir/bin:/usr/bin:/bin" LC_ALL=C $shell script.sh > "$dir/out" 2>&1 < /dev/null; echo "exit $?" >> "$dir/out")
  cp "$dir/out" "$here/corpus/$name.out"
  rm -rf "$dir"
done
