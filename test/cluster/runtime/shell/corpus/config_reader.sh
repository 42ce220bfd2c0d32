while read -r line || [ -n "$line" ]; do case "$line" in \#*|'') continue;; *=*) k=${line%%=*}; v=${line#*=}; eval "CFG_$k=\$v";; esac; done <<EOF
# comment
host=db
port=5432

name=a b
EOF
echo "$CFG_host:$CFG_port:$CFG_name"; set | grep ^CFG_
