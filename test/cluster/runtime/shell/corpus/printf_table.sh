printf '%-10s %5s %8s\n' NAME QTY PRICE
printf '%-10s %5d %8.2f\n' apple 3 1.5 pear 12 0.333 'long name here' 7 1234.567
printf '%s\n' a b c; printf '%s-%s\n' 1 2 3; printf '\n'
printf '%05d|%+d|% d|%x|%X|%o|%#x|%#o\n' 42 42 42 255 255 8 255 8
printf '%.3s|%10.3s|%-10.3s|\n' abcdef abcdef abcdef
printf '%c%c%c\n' hello world x
printf '%b\n' 'tab\there' 'oct\0101' 'stop\cnot this'
printf '\n%%|%5%|\n' 
printf '%*s|%-*s|\n' 6 ab 6 cd
printf '%e %g %G %f\n' 12345.678 0.0001 1e20 3
printf '%d %d %d\n' 0x1f 010 "'A"
printf '%d\n' abc; echo $?
printf '%d\n' 12abc; echo $?
printf '%s %d\n' only
printf 'no newline'; echo
printf '%-20s|\n' "$(printf 'x%.0s' 1 2 3 4 5)"
line=$(printf '%*s' 20 '' | tr ' ' -); echo "$line"
printf '%s' "$line" | wc -c
printf '\101\x41\u0041\n' | head -c 6; echo
printf '%q\n' x 2>&1; echo $?
printf; echo $?
printf -- '-dash\n'
printf "%s\t%s\n" k1 v1 k2 v2 | while read -r k v; do echo "$v=$k"; done
printf '%3d%%\n' 5 50 100
printf '%10s|%-10s|%010d\n' é é -5
printf '%i %u\n' -3 -3
