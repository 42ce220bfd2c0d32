set -euo pipefail; trap 'echo "exit $?"' EXIT; f() { local r=0; grep -q x /dev/null || r=$?; echo r=$r; }; f; y=${z:-def}; echo $y; echo ${undefined}; echo notreached
