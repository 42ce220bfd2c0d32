# What tutorials do with text and files in one line.
echo '# 01'; (
awk 'BEGIN{printf "%5.2f|%-8s|%05d|%x|%e\n", 3.14159, "ab", 42, 255, 12345.678}'
)
echo '# 02'; (
printf 'a 3\nb 1\nc 2\n' | awk '{s[$1]=$2; t+=$2} END{for(k in s) print k, s[k] | "sort -k2n"; close("sort -k2n"); print "total", t}'
)
echo '# 03'; (
awk -F: -v OFS=, '{$2="x"; print; print NF, $NF}' <<< "a:b:c"
)
echo '# 04'; (
echo "2024-01-15 foo" | awk '{split($1,d,"-"); print d[3]"/"d[2]"/"d[1]; gsub(/o+/,"0",$2); print toupper($2), length($2), substr($0,3,4), index($0,"foo")}'
)
echo '# 05'; (
seq 1 10 | awk 'NR%3==0{print; next} /5/{print "five"} END{print NR}'
)
echo '# 07'; (
printf 'one\ntwo\nthree\n' | sed -n '/two/{s/t/T/;p;=};$!{N;P;D}'
)
echo '# 08'; (
printf 'a\nb\nc\nd\n' | sed '1!G;h;$!d'
)
echo '# 09'; (
printf 'k1=v1\nk2=v2\n' | sed -E 's/^([^=]+)=(.*)$/\2:\1/;2a\after' 
)
echo '# 10'; (
printf 'x\n\n\ny\n' | sed '/^$/N;/\n$/D' ; echo 'a.b.c' | sed 's/\./-/2'; echo abc | sed 'y/abc/xyz/;s/y/[&]/'
)
echo '# 11'; (
mkdir -p d/e; touch d/1.txt d/e/2.txt d/e/3.log; find d -name '*.txt' -exec echo got {} + | tr ' ' '\n' | sort; find d -type f ! -name '*.log' -printf '%f %d\n' | sort; find d -maxdepth 1 -mindepth 1 | sort; find d -type f -print0 | sort -z | xargs -0 -n1 basename; rm -r d
)
echo '# 12'; (
seq 6 | xargs -n2 echo p; printf 'a b\nc\n' | xargs -I{} echo '<{}>'; echo 1 2 3 | xargs -P2 -n1 sh -c 'exit $0' ; echo $?; printf 'x\0y z\0' | xargs -0 printf '[%s]\n'
)
echo '# 18'; (
printf '%s-%d-%c|%5s|%-5s|%05.1f|%%|%b|%q\n' str 42 xyz ab cd 3.14159 'a\tb' "it's"
)
echo '# 19'; (
printf '%s\n' one two three; printf '%d %s\n' 1 a 2 b 3; printf '%x %o %X %#x\n' 255 8 255 255; printf "%'d\n" 1234567; printf '%*d|%-*d|\n' 5 42 5 42; printf '%(%Y)T\n' 0
)
echo '# 20'; (
date -u -d @0 +%FT%TZ; date -u -d '2024-02-28 +2 days' +%F; date -u -d '1 week ago 2024-03-10' +%F 2>&1; date -u -d '2024-01-31 +1 month' +%F; echo $(( ($(date -u -d 2024-03-01 +%s) - $(date -u -d 2024-02-01 +%s)) / 86400 )); date -u -d 'last friday 2024-05-15' +%a 2>&1; date -u -d '2024-05-15 next monday' +%F
)
echo '# 22'; (
diff <(printf '1\n2\n') <(printf '1\n3\n'); paste <(seq 3) <(seq 4 6); tee >(wc -l) < <(seq 4) >/dev/null; wait; while read -r a b; do echo "$b $a"; done < <(echo x y)
)
echo '# 43'; (
cut -d: -f1,3 <<< a:b:c; cut -c2-3 <<< abcd; cut -d' ' -f2- <<< "a b c"; cut -f1 --complement -d, <<< 1,2,3; tr -d aeiou <<< education; tr -s ' ' <<< "a   b"; tr '[:lower:]' '[:upper:]' <<< abc; tr -c 'a-z\n' _ <<< 'a1b2'; rev <<< abc; fold -w3 <<< abcdefg; tac <<< $'1\n2'; nl <<< $'a\n\nb'; expand -t4 <<< $'a\tb'
)
echo '# 44'; (
printf 'b 2\na 10\nc 1\na 9\n' | sort -k1,1 -k2,2nr; printf '10\n9\n1.5\n' | sort -n; printf '1K\n1M\n5\n' | sort -h; printf 'v1.10\nv1.9\n' | sort -V; printf 'a\nA\nb\n' | sort -f; printf '3\n1\n3\n' | sort -u; sort -t, -k2 <<< $'x,b\ny,a'; printf 'a\na\nb\n' | uniq -c; printf 'a\nb\na\n' | sort | uniq -d; comm -12 <(printf 'a\nb\n') <(printf 'b\nc\n'); join <(printf '1 a\n2 b\n') <(printf '1 x\n2 y\n')
)
echo '# 45'; (
grep -c a <<< $'a\nb\na'; grep -n b <<< $'a\nb'; grep -o '[0-9]\+' <<< 'a12b3'; grep -E 'a|b' -v <<< $'a\nc'; grep -w cat <<< $'cat\nconcat'; grep -A1 -B1 x <<< $'1\nx\n2\n3'; grep -i A <<< a; grep -q z <<< a; echo $?; grep -P '\d{2}' <<< a12; grep -F 'a.b' <<< $'a.b\naxb'; grep -l x /dev/null; echo $?; grep -m1 a <<< $'a\na'; grep --color=always b <<< abc | od -c | head -2
)
