#!/bin/sh
# Records what a real dash, or for bash_* a real bash, prints for the scripts of the corpus (Debian's shells and
# coreutils). Run it after changing a script: test/cluster/runtime/shell/record.sh [NAME...]
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- $(cd "$here/corpus" && ls *.sh | sed 's/\.sh$//')
for name; do
  dir=$(mktemp -d)
  cp "$here/corpus/$name.sh" "$dir/script.sh"
  case $name in bash_*) shell=bash;; *) shell=dash;; esac
  mkdir "$dir/bin" && ln -s "$(command -v dash)" "$dir/bin/sh"
  (mkdir "$dir/w" && cp "$dir/script.sh" "$dir/w" && cd "$dir/w" && env -i HOME=/root PATH="$dir/bin:/usr/bin:/bin" LC_ALL=C $shell script.sh > "$dir/out" 2>&1 < /dev/null; echo "exit $?" >> "$dir/out")
  cp "$dir/out" "$here/corpus/$name.out"
  rm -rf "$dir"
done
