/** Programs of a Debian that are scripts of its shell: those that look into compressed files, and service. */
import type { ImageFile } from './image.js'

const UNPACK = 'gzip -cdfq --'

const ZGREP = `#!/bin/sh
# Looks for a pattern in files that may be compressed.
grep=grep
case $0 in *zegrep) grep='grep -E' ;; *zfgrep) grep='grep -F' ;; esac
quoted() { printf "'%s' " "$(printf %s "$1" | sed "s/'/'\\\\\\\\''/g")"; }
options= pattern= named= list=
while [ $# -gt 0 ]; do
  case $1 in
    -[ABCDdm]) options="$options$1 $(quoted "$2")"; shift ;;
    -e | -f) pattern="$pattern$1 $(quoted "$2")"; shift ;;
    -h | --no-filename) named=no ;;
    -H | --with-filename) named=yes ;;
    -l | --files-with-matches) list=yes ;;
    --) shift; break ;;
    --help) echo 'Usage: zgrep [OPTION]... [-e] PATTERN [FILE]...'; exit 0 ;;
    -?*) options="$options$(quoted "$1")" ;;
    *) break ;;
  esac
  shift
done
if [ -z "$pattern" ]; then
  [ $# -gt 0 ] || { echo 'usage: zgrep [grep_options] pattern [files]' >&2; exit 2; }
  pattern="-e $(quoted "$1")"
  shift
fi
[ $# -gt 0 ] || set -- -
[ -n "$named" ] || { [ $# -gt 1 ] && named=yes; }
status=1
for file; do
  if [ "$file" != - ] && [ ! -e "$file" ]; then
    echo "gzip: $file: No such file or directory" >&2
    status=2
    continue
  fi
  if [ -n "$list" ]; then
    ${UNPACK} "$file" | eval "$grep -q $options$pattern" && echo "$file"
  elif [ "$named" = yes ]; then
    ${UNPACK} "$file" | eval "$grep -H --label=$(quoted "$file")$options$pattern"
  else
    ${UNPACK} "$file" | eval "$grep $options$pattern"
  fi
  [ $? -eq 0 ] && [ $status -eq 1 ] && status=0
done
exit $status
`

const PAGER = (pager: string): string => `#!/bin/sh
# Shows files that may be compressed.
[ $# -gt 0 ] || set -- -
for file; do ${UNPACK} "$file" || exit; done | ${pager}
`

const COMPARE = (program: string): string => `#!/bin/sh
# Compares files that may be compressed.
options=
while [ $# -gt 2 ]; do options="$options $1"; shift; done
case $# in
  1) set -- "$1" "\${1%.gz}" ;;
  2) ;;
  *) echo "usage: ${program === 'cmp' ? 'zcmp' : 'zdiff'} [OPTION]... FILE1 [FILE2]" >&2; exit 2 ;;
esac
one=$(mktemp) && two=$(mktemp) || exit 2
trap 'rm -f "$one" "$two"' EXIT
${UNPACK} "$1" > "$one" && ${UNPACK} "$2" > "$two" || exit 2
${program} $options "$one" "$two"
`

const SERVICE = `#!/bin/sh
# Runs a script of /etc/init.d.
case $1 in
  '' | -h | --help) echo 'Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]'; [ -n "$1" ] || exit 1; exit 0 ;;
  --status-all)
    for each in /etc/init.d/*; do
      [ -x "$each" ] || continue
      if "$each" status > /dev/null 2>&1; then echo " [ + ]  \${each##*/}"; else echo " [ - ]  \${each##*/}"; fi
    done
    exit 0 ;;
esac
name=$1
shift
if [ ! -x "/etc/init.d/$name" ]; then
  echo "$name: unrecognized service" >&2
  exit 1
fi
if [ "$1" = --full-restart ]; then
  "/etc/init.d/$name" stop
  exec "/etc/init.d/$name" start
fi
exec env -i PATH="$PATH" TERM="$TERM" "/etc/init.d/$name" "$@"
`

const script = (data: string): ImageFile => ({ data, mode: 0o755 })

/** The scripts by their paths. */
export const debianScripts: Readonly<Record<string, ImageFile>> = {
  '/usr/bin/zgrep': script(ZGREP),
  '/usr/bin/zegrep': script(ZGREP),
  '/usr/bin/zfgrep': script(ZGREP),
  '/usr/bin/zless': script(PAGER('${PAGER:-less}')),
  '/usr/bin/zmore': script(PAGER('more')),
  '/usr/bin/zcmp': script(COMPARE('cmp')),
  '/usr/bin/zdiff': script(COMPARE('diff')),
  '/usr/bin/uncompress': script('#!/bin/sh\nexec gzip -d "$@"\n'),
  '/usr/bin/rgrep': script('#!/bin/sh\nexec grep -r "$@"\n'),
  '/usr/sbin/service': script(SERVICE),
}
