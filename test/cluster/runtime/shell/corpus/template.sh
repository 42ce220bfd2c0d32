# Configuration made from a template, as entrypoints do it.
export APP_NAME=shop APP_PORT=8080 DB_URL='postgres://u:p@db:5432/x?y=1&z=2'
cat > app.tmpl <<'T'
name = @@APP_NAME@@
port = @@APP_PORT@@
url = @@DB_URL@@
home = $HOME ${NOT_THERE}
T
esc() { printf '%s' "$1" | sed -e 's/[\/&|]/\\&/g'; }
sed -e "s|@@APP_NAME@@|$(esc "$APP_NAME")|g" -e "s|@@APP_PORT@@|$APP_PORT|" -e "s|@@DB_URL@@|$(esc "$DB_URL")|" app.tmpl
cat <<T | tr a-z A-Z
server ${APP_NAME}:${APP_PORT:-80};
literal \$HOME \`date\` \\ "quoted" 'single'
sum $((APP_PORT + 1)) $(echo sub)
T
cat <<-T
	tabbed ${UNSET:-default}
		twice
	T
eval "cat <<T
$(sed 's/@@\([A-Z_]*\)@@/${\1}/' app.tmpl | head -2)
T"
for v in $(env | grep '^APP_' | cut -d= -f1 | sort); do
  eval "val=\$$v"; echo "$v -> $val"
done
i=0
while IFS='=' read -r key value; do
  case $key in ''|\#*) continue;; esac
  i=$((i + 1)); echo "$i [$key] [$value]"
done <<'T'
# comment
a=1
b=two=three

c = spaced 
d=back\slash
T
awk -F'[= ]+' '/=/ { v[$1] = $2 } END { print v["name"], v["port"] }' app.tmpl
sed -n '/^port/,$p' app.tmpl | sed '$!d'
sed -i 's/^port.*/port = 1/; /^home/d' app.tmpl; cat app.tmpl
sed '/^name/a\
added = yes' app.tmpl
sed '1i first' app.tmpl; sed '2c changed' app.tmpl; sed = app.tmpl | sed 'N;s/\n/\t/'
grep -q port app.tmpl && echo has; grep -c = app.tmpl; grep -vn port app.tmpl
