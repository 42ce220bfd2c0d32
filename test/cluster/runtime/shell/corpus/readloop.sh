printf '1\n2\n3\n' > nums
sum=0; while read n; do sum=$((sum+n)); done < nums; echo $sum
cat nums | while read n; do echo "n$n"; done
while IFS= read -r line || [ -n "$line" ]; do echo "<$line>"; done <<E
  spaced  
back\\slash
E
printf 'a b\nc d\n' | while read x y; do echo $y $x; done
exec 5< nums; while read n <&5; do echo $n; done
printf 'last' | while read x || [ "$x" ]; do echo "$x"; done
head -1 nums; { read a; read b; cat; } < nums
sh <<'E'
echo from stdin
read x
this line is read
echo "x=$x"
E
echo 'echo piped; cat' | sh
