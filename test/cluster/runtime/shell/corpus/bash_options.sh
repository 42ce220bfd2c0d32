(
log() { printf '[%s] %s\n' "$1" "${*:2}"; }; log INFO hello world; die() { echo "$@" >&2; exit 1; }; (die bye) || echo caught; args=(); while (($#)); do case $1 in -f|--file) args+=("file=$2"); shift 2;; --*=*) args+=("${1%%=*}:${1#*=}"); shift;; *) args+=("$1"); shift;; esac; done; set -- -f x --y=z w; while [ $# -gt 0 ]; do case "$1" in -f) echo "f $2"; shift 2;; --*=*) echo "${1%%=*} ${1#*=}"; shift;; *) echo "pos $1"; shift;; esac; done
)
(
while getopts ':ab:c' o -a -b val -c -x -b; do case $o in a) echo a;; b) echo "b $OPTARG";; c) echo c;; \?) echo "bad $OPTARG";; :) echo "missing $OPTARG";; esac; done; echo $OPTIND; OPTIND=1; while getopts 'ab:' o -z -b; do echo "o=$o"; done
)
