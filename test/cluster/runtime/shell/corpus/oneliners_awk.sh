# awk and sed in one line.
cat > data <<E
alice,30,berlin
bob,25,paris
carol,35,berlin
E
awk -F, '{print $1}' data; awk -F, '$2>28{print $1,$2}' data; awk -F, '{s+=$2} END{print s, s/NR}' data; awk -F, '{c[$3]++} END{for(k in c) print k, c[k]}' data | sort
awk -F, 'BEGIN{OFS="\t"} {print $3,$1}' data; awk -F, 'NR>1 && $3 ~ /^b/ {print NR": "$0}' data; awk -F, '{$2=$2+1; print}' OFS=, data; awk 'END{print NR, $0}' data
awk -F, -v c=paris '$3==c{print $1}' data; awk -F, '{printf "%-6s|%3d|\n",$1,$2}' data; awk 'length > 12' data; awk '{print length, toupper(substr($0,1,1)) substr($0,2)}' data; awk -F, '{n=split($3,a,""); print n}' data
awk 'NR==FNR{a[$1]=1;next} $1 in a' FS=, data data | wc -l; awk -F, 'max<$2{max=$2;w=$1} END{print w}' data; awk '{gsub(/[aeiou]/,"#"); print}' data | head -1; echo "a b c" | awk '{for(i=NF;i>0;i--) printf "%s ", $i; print ""}'
sed -n '2p' data; sed '1d;$d' data; sed 's/,/ | /g' data; sed -n '/bob/,$p' data; sed -E 's/^(\w+),([0-9]+)/\2 \1/' data; sed '/^a/d' data; sed -n '$=' data; sed 'n;d' data; sed '1i header' data | head -1; sed '$a footer' data | tail -1
sed -i 's/berlin/rome/' data; grep -c rome data; sed -n 's/.*,\(.*\)$/\1/p' data; echo 'key: value' | sed 's/: */=/'; echo '  trim  ' | sed 's/^ *//;s/ *$//' | cat -A; sed '2!d' data; sed 's/\(.\)/\1-/2' data | head -1; echo aXbXc | sed 's/X/\
/g'; sed -e '/bob/{s/25/26/;p;d}' data | head -3; sed 'N;s/\n/+/' data; sed '/rome/c gone' data; sed = data | sed 'N;s/\n/\t/' | head -1; sed -n '/rome/!p' data; sed '0,/rome/s//x/' data | head -1
cut -d, -f1,3 data | sort -t, -k2 | tr ',' ' '; sort -t, -k2 -n data | head -1; paste -sd+ data | wc -c; tr -s 'a-z' < data | head -1; rev data | head -1; nl -w2 -s'. ' data
