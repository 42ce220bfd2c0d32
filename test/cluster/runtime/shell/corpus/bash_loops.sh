(
for ((i=0, j=10; i<3; i++, j--)); do echo $i $j; done; for ((;;)); do break; done; i=0; until ((i>=2)); do ((i++)); done; echo $i; select x in a b c; do echo "sel $x $REPLY"; break; done <<< 2
)
(
case "abc" in a*) echo 1;;& *c) echo 2;& x) echo 3;; *) echo 4;; esac; case x in (x) echo paren;; esac; shopt -s extglob; case foo.tar.gz in *.@(tar.gz|zip)) echo arch;; esac; f=abc123; echo ${f//+([0-9])/N} ${f%%+([0-9])} ${f##*([a-z])} ${f/?([a])/X}; [[ aab == +(a)b ]] && echo plus; [[ b == !(a) ]] && echo not
)
