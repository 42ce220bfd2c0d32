# Files made from here-documents, as entrypoints do.
name=web port=8080; mkdir conf
cat > conf/app.conf <<EOF
server {
  listen ${port:-80};
  server_name $name;
  root /var/www/\$name;
  log "$(echo "$name" | tr a-z A-Z).log";
}
EOF
cat conf/app.conf
cat > conf/raw <<'EOF'
$name stays `as it is` \n
EOF
cat conf/raw; wc -l < conf/app.conf
while IFS='=' read -r k v; do [ -z "$k" ] || case $k in \#*) ;; *) echo "$k -> $v";; esac; done <<-END
	# comment
	a=1
	b=two words
	c=x=y

	END
sed "s/@NAME@/$name/g; s|@PORT@|$port|" <<'T'
http://@NAME@:@PORT@/
T
tee -a conf/log <<X | tr a-z A-Z
line of $name
X
cat <<A; cat <<B
first
A
second
B
grep -c . <<EOF && echo "nested $(cat <<I
inner
I
)"
1

2
EOF
