usage() { echo "Usage: ${0##*/} [-h] [-v] [-n NAME] [-p PORT] FILE..." >&2; }
parse() {
  OPTIND=1 verbose=0 name=world port=80
  while getopts "hvn:p:" opt "$@"; do
    case $opt in
      h) usage; return 0 ;;
      v) verbose=$((verbose + 1)) ;;
      n) name=$OPTARG ;;
      p) port=$OPTARG ;;
      *) usage; return 2 ;;
    esac
  done
  shift $((OPTIND - 1))
  echo "verbose=$verbose name=$name port=$port rest=$# [$*] OPTIND=$OPTIND"
}
parse -v -n bob file1 file2; echo $?
parse -vvnbob -p8080 -- -x; echo $?
parse -h; echo $?
parse -x; echo $?
parse -n; echo $?
parse; echo $?
silent() {
  OPTIND=1
  while getopts ":a:b" o "$@"; do
    case $o in
      a) echo "a=$OPTARG";; b) echo b;;
      :) echo "missing for $OPTARG";; \?) echo "unknown $OPTARG";;
    esac
  done
}
silent -a1 -b -z -a
set -- -b -a "two words" x
while getopts a:b o; do echo "$o:${OPTARG-unset}"; done; echo "$OPTIND $o"
shift $((OPTIND-1)); echo "$1"
while [ $# -gt 0 ]; do shift; done
set -- --name=joe --port 90 -q rest --flag
while [ $# -gt 0 ]; do
  case "$1" in
    --*=*) echo "long ${1%%=*} is ${1#*=}"; shift;;
    --port) echo "port $2"; shift 2;;
    -?) echo "short ${1#-}"; shift;;
    --) shift; break;;
    --*) echo "flag $1"; shift;;
    *) echo "arg $1"; shift;;
  esac
done
