# Characters by their number: what the locale has, and as they were written where it has not.
printf '\u41\u0042\U00000043z %b|\n' '\u44\u2713'
printf '\u2713 \u00e9 \U1f600\n'
echo -e '\u2713|\u|\uzz|\x41\0101\101'
echo -E '\u41'; echo '\u41'
echo $'\u41\U42\x43\cA' | od -c | head -n 1
LC_ALL=C.UTF-8
printf '\u2713 \u00e9 \U1f600\n'
printf '%b\n' '\u2713\U0001f600'
echo -e '\u2713\U1F600 \xe2\x9c\x93'
x='\u2713\t|'; echo "${x@E}"
unset LC_ALL
env LC_ALL=C.UTF-8 printf '\u2713 %b\n' '\u00e9'
env printf '\u2713 \U0001f600\n'
env printf '%b\n' '\u00e9'
env echo -e '\u00e9\x41\n\c' x
echo
