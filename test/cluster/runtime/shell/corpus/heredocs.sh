v=value
cat <<EOT
plain $v ${v} $(echo cmd) `echo back` $((1+1)) \$v \\ \` "quotes" 'single'
line \
joined
EOT
cat <<'EOT'
literal $v $(echo no) \$v
EOT
cat <<-EOT
	tabs $v
		stripped
	EOT
cat <<"E O T"
odd
E O T
while read a b; do echo "$b $a"; done <<X
1 one
2 two
X
f() { cat <<Y
in f $1
Y
}
f arg
cat <<A; echo after
body
A
x=$(cat <<Z
in sub
Z
); echo "$x"
cat <<EOT | tr a-z A-Z
piped
EOT
cat <<EMPTY
EMPTY
echo "end ${v:-a}"
cat <<B
${nope:-default "quoted"} ${v#v}
B
