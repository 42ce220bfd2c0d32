sh -c 'set -e; false; echo not'; echo $?
sh -c 'set -e; false || echo or; echo yes'; echo $?
sh -c 'set -e; if false; then :; fi; echo yes'; echo $?
sh -c 'set -e; ! true; echo yes'; echo $?
sh -c 'set -e; f() { false; echo in; }; f; echo not'; echo $?
sh -c 'set -e; f() { false; echo in; }; f || echo or'; echo $?
sh -c 'set -e; x=$(false); echo not'; echo $?
sh -c 'set -e; (false; echo in); echo not'; echo $?
sh -c 'set -e; true | false; echo not'; echo $?
sh -c 'set -e; false | true; echo yes'; echo $?
sh -c 'set -e; while false; do :; done; echo yes'; echo $?
sh -c 'set -e; false && true; echo yes'; echo $?
sh -c 'set -e; true && false; echo not'; echo $?
sh -c 'set -e; trap "echo trapped" EXIT; false'; echo $?
sh -c 'set -eu; echo ${x-ok}; echo $y; echo not'; echo $?
sh -ec 'echo $-; false; echo not' | tr -d s; echo $?
sh -c 'set -e; { false; echo not; } ; echo not'; echo $?
