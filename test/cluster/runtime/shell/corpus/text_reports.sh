# A log, read with the usual tools.
cat > access.log <<E
10.0.0.1 - GET /index.html 200 512
10.0.0.2 - GET /missing 404 0
10.0.0.1 - POST /api 201 64
10.0.0.3 - GET /index.html 200 512
10.0.0.1 - GET /api 500 12
E
cut -d' ' -f1 access.log | sort | uniq -c | sort -rn | head -2; awk '{c[$5]++} END{for(s in c) print s,c[s]}' access.log | sort; grep -c ' 200 ' access.log; grep -v ' 200 ' access.log | wc -l
awk '$5>=400{print $4}' access.log; awk '{b+=$6} END{printf "%d bytes, %.1f kB\n", b, b/1024}' access.log; grep -o '/[a-z.]*' access.log | sort -u; tail -n 2 access.log | head -1; sed -n '/404/p' access.log; grep -nE '(404|500)' access.log | cut -d: -f1
while read -r ip _ method path status size; do case $status in 2*) ok=$((ok+1));; 4*|5*) bad=$((bad+1));; esac; done < access.log; echo "ok=$ok bad=$bad"
sort -k6 -n access.log | tail -1; awk '{print $1 > ("ip." NR % 2)}' access.log; wc -l ip.*; diff ip.0 ip.1 | head -2; comm -12 access.log access.log | wc -l; split -l 2 access.log part.; ls part.*; cat part.* | cmp - access.log && echo same
tr ' ' '\n' < access.log | grep -c GET; xargs -n 1 < ip.0 | tail -1; head -c 8 access.log; echo; expand access.log | md5sum | cut -c1-8; od -An -c -N 4 access.log; fold -w 20 access.log | head -2; grep -A1 404 access.log; grep -B1 404 access.log | head -1
