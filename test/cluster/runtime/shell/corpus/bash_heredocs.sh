cat <<A <<B
first
A
second
B
cat <<'E' | tr a-z A-Z
lit $x `y`
E
f() { cat <<-E
	in func $1
	E
}; f arg; x=$(cat <<E
sub "quoted" \$esc \\ back
E
); echo "$x"; cat <<"a b"
spaces
a b
while read l; do echo "<$l>"; done <<E
1
2
E
cat << \EOF
$notexpanded
EOF
cat <<EOF
unterminated $(echo 1
echo 2)
EOF
cat <<E
${x:-"d q"} ${nope:-'s q'} "$x" \" \a
E
cat <<EOF
no end
