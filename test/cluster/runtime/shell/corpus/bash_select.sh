PS3='pick: '
select f in alpha "beta two" quit; do
  case $f in
    alpha|beta*) echo "you chose $f ($REPLY)";;
    quit) break;;
    *) echo "invalid $REPLY";;
  esac
done <<< $'1\n9\n\n2\n3'
echo "st $?"
select x in a b; do echo "$x"; done <<< 2; echo "eof $?"
set -- one two; select y; do echo "$y"; break; done <<< 1
select z in {1..12}; do break; done <<< 4; echo $z
COLUMNS=30; select z in aaaa bbbb cccc dddd eeee ffff; do break; done <<< 6; echo $z
select n in; do echo never; done <<< 1; echo none $?
confirm() { local a; read -r -p "${1:-Sure?} [y/N] " a; [[ ${a,,} =~ ^y(es)?$ ]]; }
confirm <<< YES && echo yes; confirm "Delete?" <<< n || echo no
