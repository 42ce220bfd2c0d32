echo 'a\x41\u0041\0101\101\e|' | od -c
echo -e 'x\ty'; echo -n 'no\c newline'; echo
echo -nn a; echo -- b; echo -n -n c; echo
env echo 'a\tb'; env echo -e 'a\tb\cno'; env echo -E -e 'x\x41'; env echo -eE '\t'; env echo -z
