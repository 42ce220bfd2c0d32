cat > access.log <<'L'
10.0.0.1 - - [21/Nov/2026:10:00:01 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8.5"
10.0.0.2 - - [21/Nov/2026:10:00:02 +0000] "GET /api/users HTTP/1.1" 200 1024 "-" "Mozilla"
10.0.0.1 - - [21/Nov/2026:10:00:03 +0000] "POST /api/users HTTP/1.1" 201 64 "-" "curl/8.5"
10.0.0.3 - - [21/Nov/2026:10:00:04 +0000] "GET /missing HTTP/1.1" 404 153 "-" "Mozilla"
10.0.0.1 - - [21/Nov/2026:10:01:04 +0000] "GET /api/users HTTP/1.1" 500 0 "-" "curl/8.5"
L
awk '{print $1}' access.log | sort | uniq -c | sort -rn
awk '{s[$9]++; b+=$10} END {for (c in s) print c, s[c]; print "bytes", b}' access.log | sort
awk -F'"' '{split($2, r, " "); print r[1], r[2]}' access.log | sort -u
grep -oE '"[A-Z]+ [^ ]+' access.log | tr -d '"' | sort | uniq -c | sort -k1,1nr -k2
sed -nE 's/^([0-9.]+) .*\[([^]]+)\] "([A-Z]+) .*" ([0-9]{3}) .*/\4 \3 \1/p' access.log
cut -d' ' -f9 access.log | grep -c '^[45]'; grep -E ' (404|500) ' access.log | wc -l | tr -d ' '
awk '$9 >= 400 {printf "%-12s %s %6.1f%%\n", $1, $7, NR/5*100}' access.log
awk 'BEGIN{FS="[][]"} {split($2,t,":"); m[t[2]":"t[3]]++} END{for(k in m) print k, m[k]}' access.log | sort
awk 'length($0) > 85 {n++} END {print n+0}' access.log; awk 'NR==2,NR==3 {print NR": "$7}' access.log; awk '!seen[$1]++ {print $1}' access.log
true
awk '{ gsub(/[0-9]+/, "N"); print $1; exit }' access.log; awk 'END{print toupper(substr("hello",2,3)), index("hello","l"), length("hello"), sprintf("%03d",7)}' access.log
awk 'function max(a,b){return a>b?a:b} {m=max(m,$10)} END{print m}' access.log; awk -v n=2 'NR<=n{print $NF; print $(NF-1)}' access.log
sort -t. -k4,4n -k9,9r access.log | cut -c1-9; sort -u -k1,1 access.log | wc -l | tr -d ' '
sed -n '2p;4p' access.log | cut -d'"' -f2; sed '/curl/d;s/10\.0\.0/X/' access.log | cut -c1-5; sed -E 's/([0-9]+)\.([0-9]+)/\2.\1/;q' access.log | cut -c1-10
join -j1 /dev/null /dev/null; comm -12 access.log access.log | wc -l | tr -d ' '
tr '[:lower:]' '[:upper:]' < access.log | head -1 | cut -c41-60; rev access.log | head -1 | cut -c1-10; fold -w 30 access.log | head -2; column -t </dev/null 2>/dev/null; head -n -4 access.log | wc -l | tr -d ' '
printf 'b 2\na 1\n' > l; printf 'a x\nb y\n' > r; sort l | join - r; xargs -n2 echo < l; echo a b c | xargs -I{} echo "<{}>"; printf 'a\0b c\0' | xargs -0 -n1 echo
seq 3 | xargs -P1 -I% sh -c 'echo $((% * %))'; seq -s, 1 5; seq 10 -3 1 | tr '\n' ' '; seq -w 8 10; seq 1 0.5 2
