# Traps that clean up, whatever happens.
work() (
  tmp=$(mktemp -d ./tmpXXXXXX) || exit 1
  trap 'rm -r "$tmp"; echo "cleaned, status $?"' EXIT
  trap 'echo interrupted; exit 130' INT TERM
  echo data > "$tmp/f"; ls "$tmp"
  [ "$1" = fail ] && exit 3
  [ "$1" = term ] && kill -TERM "$(sh -c 'echo $PPID')"
  sleep 0.1; return 0
)
work ok; echo "-> $?"; work fail; echo "-> $?"; ls -d tmp* 2>/dev/null | wc -l
trap 'echo "usr1 seen"' USR1; kill -USR1 $$; trap - USR1
trap '' HUP; kill -HUP $$; echo "still here"
lock=lock.d; if mkdir $lock 2>/dev/null; then echo locked; trap 'rmdir $lock; echo unlocked' EXIT; fi
if mkdir $lock 2>/dev/null; then echo twice; else echo busy; fi
(trap 'echo sub' EXIT; true); f() { trap 'echo replaced' EXIT; }; trap; f; trap | head -1; rmdir lock.d
