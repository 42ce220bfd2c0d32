echo "a  b" 'c  d' e\ f
x='1   2'; echo $x "$x" '$x' "\$x" "\a\\\`"
echo 'it'"'"'s'
echo "nested $(echo "inner  $(echo 'deep  er')")"
echo a""b "" c | od -c | head -2
printf '<%s>' '' "" a\
b; echo
echo \"q\" \'s\' \$
echo "new
line"
echo "tab	end" \\ '\\' "\\\\"
echo ~ | sed "s#$HOME#HOME#"; echo "~" '~' a~
echo $'x' | cat
