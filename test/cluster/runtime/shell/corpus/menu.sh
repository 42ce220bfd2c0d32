# A menu read from standard input and a calculator.
menu() {
  while :; do
    printf '1) list\n2) add\nq) quit\n> '
    read -r choice || { echo; echo "eof"; return 1; }
    case "$choice" in
      1) echo "items: ${items:-none}" ;;
      2) printf 'name: '; read -r item; items="${items:+$items, }$item" ;;
      [Qq]|quit) echo bye; return 0 ;;
      '') continue ;;
      *[!0-9]*) echo "not a number: $choice" ;;
      *) echo "no such entry: $choice" ;;
    esac
  done
}
menu <<'I'
1
2
pen
2
two words
1

77
x9
Q
I
echo $?
echo 1 | menu; echo "$?"
calc() { case $2 in +|-|/|%) echo $(($1 $2 $3));; x) echo $(($1 * $3));; *) echo "unknown operator: $2" >&2; return 2;; esac; }
calc 7 + 5; calc 7 - 5; calc 7 x 5; calc 7 / 2; calc 7 % 4; calc 7 ? 4; echo $?
yesno() { case $(echo "$1" | tr '[:upper:]' '[:lower:]') in y|yes|true|1) return 0;; n|no|false|0) return 1;; *) return 2;; esac; }
for a in YES no True 0 perhaps; do yesno $a && echo "$a yes" || echo "$a no $?"; done
count=5; while [ $count -gt 0 ]; do printf '%s ' $count; count=$((count-1)); done; echo
case "a b" in "a b") echo quoted;; esac; case ab in a*) echo glob;; ab) echo never;; esac
case '*' in '*') echo star;; esac; case x in [!x]) echo not;; [a-z]) echo range;; esac; p='a*'; case abc in $p) echo var;; esac; case abc in "$p") echo no;; *) echo literal;; esac
echo "Total: $(( (3 + 4) * 2 - 10 / 3 )) $((1 << 4 | 3)) $((0x1F)) $((017)) $((5 > 3 && 2 > 1)) $((!0)) $((~5)) $((7 ? 1 : 2))"
x=5; echo $((x += 3)) $((x * x)) $x; echo $((y = 4)) $y; echo $((-7 / 2)) $((-7 % 3))
expr 3 + 4; expr 10 / 3; expr length abc; expr substr hello 2 3; expr abc : 'a\(.\)c'; expr 1 \> 2; echo $?; expr 5 / 0; echo $?
