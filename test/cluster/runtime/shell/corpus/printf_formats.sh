# printf as tables and reports use it.
printf '%-10s|%8s|%6.2f|%05d|%x|%o|%X|%c\n' name right 3.14159 42 255 8 255 abc
printf '%s\n' one two three; printf '%s=%d\n' a 1 b 2; printf '%5s%%\n' 50; printf '%+d %+d\n' 5 -5; printf '% d\n' 7
printf '%b' 'tab\there\n'; printf '%s\t%s\n' x y; printf '\101\102\n'; printf '%.3s|\n' abcdef; printf '%10.3s|\n' abcdef
printf '%e %g %G\n' 12345.678 0.00001234 1e20; printf '%i\n' 010; printf '%d\n' 0x1f; printf '%d\n' "'A"; printf '%u\n' 5
printf '%*d|%-*d|\n' 6 42 6 42; printf '%#x %#o\n' 255 8; printf '%s %s\n' only; printf '%d\n' x; echo $?; printf '%d\n' 3x; echo $?
printf -- '-dash\n'; printf '%%\n'; printf 'no newline'; echo; printf '%s' ''; printf '%5d|%-5d|\n' 12 12; printf '%c%c%c\n' a b c
printf '%-15s %5s\n' NAME AGE; while read n a; do printf '%-15s %5d\n' "$n" "$a"; done <<E
alice 30
bob 4
E
printf '%s\n' "$(printf '%03d' 7)"; printf '=%.0s' 1 2 3 4 5; echo
