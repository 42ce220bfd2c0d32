#!/usr/bin/env bash
# A deploy script: usage, colours, defaults, dry run, versions compared.
set -Eeuo pipefail
script_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" &>/dev/null && pwd -P); [[ $script_dir == "$PWD" ]] && echo here
setup_colors() { if [[ -t 2 ]] && [[ -z "${NO_COLOR-}" ]] && [[ "${TERM-}" != "dumb" ]]; then RED='\033[0;31m' NOFORMAT='\033[0m'; else NOFORMAT='' RED=''; fi; }
msg() { echo >&2 -e "${1-}"; }
die() { local msg=$1; local code=${2-1}; msg "$msg"; exit "$code"; }
usage() { cat <<USAGE
Usage: $(basename "${BASH_SOURCE[0]}") [-h] [-v] [-f] -p param_value arg1 [arg2...]
USAGE
exit; }
parse_params() {
  flag=0 param=''
  while :; do
    case "${1-}" in
    -h | --help) usage ;;
    -v | --verbose) set -x ;;
    --no-color) NO_COLOR=1 ;;
    -f | --flag) flag=1 ;;
    -p | --param) param="${2-}"; shift ;;
    -?*) die "Unknown option: $1" ;;
    *) break ;;
    esac
    shift
  done
  args=("$@")
  [[ -z "${param-}" ]] && die "Missing required parameter: param"
  [[ ${#args[@]} -eq 0 ]] && die "Missing script arguments"
  return 0
}
setup_colors
parse_params --no-color -f -p x one "two three"
msg "${RED}Read parameters:${NOFORMAT}"; msg "- flag: ${flag}"; msg "- param: ${param}"; msg "- arguments: ${args[*]-}"
(parse_params -z) || echo "st $?"; (parse_params -p) || echo "st $?"; (parse_params -p x) || echo "st $?"; (parse_params -h) || echo "st $?"
version_gt() { test "$(printf '%s\n' "$@" | sort -V | head -n 1)" != "$1"; }
version_gt 1.10.0 1.9.3 && echo newer; version_gt 1.2 1.10 || echo older
run() { if [[ ${DRY_RUN:-0} == 1 ]]; then printf '+ '; printf '%q ' "$@"; echo; else "$@"; fi; }
DRY_RUN=1 run kubectl apply -f "my file.yaml" -l 'a=b,c!=d'; run echo really
declare -A env=([dev]=1 [prod]=3); for e in dev prod; do replicas=${env[$e]}; cat <<Y
- name: ${e^}
  replicas: $replicas
Y
done
in_list() { local IFS='|'; [[ "$1" =~ ^(${*:2})$ ]]; }; in_list b a b c && echo in; in_list z a b || echo out
trap 'echo "ERR at ${FUNCNAME[0]:-main} line $LINENO status $?"' ERR
inner() { false; }; outer() { inner; }
(outer) || true
echo "${FUNCNAME[@]:-top} ${BASH_LINENO[0]-}"
show() { echo "${FUNCNAME[0]} from ${FUNCNAME[1]} at ${BASH_LINENO[0]}"; }; show
hash_dir() { (cd "$1"; find . -type f -print0 | sort -z | xargs -0 cat | sha256sum | cut -c1-12); }; mkdir h; echo 1 > h/a; hash_dir h
tmp=$(mktemp -d); trap 'rm -rf "$tmp"; echo "removed"' EXIT; [[ -d $tmp ]] && echo made
printf '%s\n' "${args[@]}" | nl -w2 -s'. '; SECONDS=0; echo $((SECONDS < 5)); [[ $RANDOM -ge 0 && $$ -gt 0 && -n $BASH_VERSION ]] && echo special
export -f msg; bash -c 'msg exported'; outer
