(
printf -v x '%05d' 42; echo $x; printf -v a[2] '%s' hey; echo ${a[2]}; printf '%q %q %q %q\n' 'a b' "it's" $'n\nl' '$x'; printf '%q\n' 'a;b&c|d<e>f(g)h*i?j[k]l~m#n{o}p,q!r^s'; printf '%(%Y)T\n' 0; printf '%(%F %T)T|%()T\n' 1700000000 0; printf '%-10.3s|\n' abcdef; printf '%*d|%-*d|\n' 5 42 5 42; printf '%x %X %o %#x %#o\n' 255 255 8 255 8; printf '%e %g %f %.2f\n' 1234.5 0.00001 1.5 2.345; printf '%c%c\n' abc d; printf '%b\n' 'a\x41\101\n'; printf '%d\n' "'A" 0x1f 010; printf '%i %u\n' -3 3; printf '%s %s\n' a b c; printf 'no newline'; printf '\n%5s%%\n' 50
)
(
printf '%d\n' abc; echo $?; printf '%d\n' 12abc; echo $?; printf '%z\n'; echo $?; printf; echo $?; printf -v; echo $?; printf -v '1x' a; echo $?; printf '%d\n' ''; echo $?; printf '%s\n'; printf '%d\n'
)
