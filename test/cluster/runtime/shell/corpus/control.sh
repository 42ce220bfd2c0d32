if true; then echo t; else echo f; fi
if false; then echo t; elif true; then echo elif; else echo f; fi
if false; then echo x; fi; echo $?
for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done
for i in a b c; do for j in 1 2 3; do [ $j = 2 ] && continue 2; [ $i = c ] && break 2; echo $i$j; done; done
i=0; while :; do i=$((i+1)); [ $i -ge 4 ] && break; echo -n $i; done; echo
until [ $i -le 0 ]; do i=$((i-1)); echo -n $i; done; echo
case abc in a*) echo A;; *) echo B;; esac
case x in a|b) echo ab;; x|y) echo xy;; esac
case "a b" in "a b") echo quoted;; esac
case '*' in \*) echo star;; *) echo other;; esac
case a in (a) echo paren;; esac
case zzz in a) ;; esac; echo $?
case [ in [[]) echo bracket;; esac
case 5 in [0-4]) echo low;; [5-9]) echo high;; esac
case b in [!a]) echo nota;; esac
x='a*'; case abc in $x) echo expand;; esac; case abc in "$x") echo no;; *) echo quoted-no;; esac
! true; echo $?; ! false; echo $?
true && echo and || echo or; false && echo and || echo or
{ echo g1; echo g2; } | cat
( echo sub; x=1 ); echo ${x-unset}
for x do echo never; done; set -- p q; for x do echo $x; done
while read l; do echo "got $l"; done <<E
one
two
E
