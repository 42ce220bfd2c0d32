# Options, short and long, without getopt.
usage() { echo "usage: $0 [-v] [-n NAME] [--count=N] FILE..." >&2; exit 2; }
parse() {
  verbose=0 name=none count=1
  while [ $# -gt 0 ]; do
    case $1 in
      -v|--verbose) verbose=$((verbose+1));;
      -n) [ $# -ge 2 ] || usage; name=$2; shift;;
      --count=*) count=${1#*=};;
      --) shift; break;;
      -*) echo "unknown option: $1" >&2; return 2;;
      *) break;;
    esac; shift
  done
  echo "v=$verbose n=$name c=$count rest=$#:$*"
}
parse -v -n x --count=3 a "b c"; parse -- -v; parse -z; echo $?; parse; (parse -n); echo $?
while getopts ':ab:c' o -ab 1 -c x; do case $o in a|c) echo "flag $o";; b) echo "b=$OPTARG";; esac; done; echo "$OPTIND"
OPTIND=1; while getopts 'xy:' o -x -z; do echo "got $o"; done
set -- one two three; echo "$1 ${2} $# $*"; shift; echo "$@"; set -- "$@" four; for a; do echo "<$a>"; done; eval "last=\${$#}"; echo $last
