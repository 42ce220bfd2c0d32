guess() { local target=$1 g n=0; while read -r g; do ((++n)); if ((g < target)); then echo "too low"; elif ((g > target)); then echo "too high"; else echo "right in $n"; break; fi; done; }
guess 42 <<< $'10\n50\n42'
is_prime() { local n=$1 i; ((n < 2)) && return 1; for ((i = 2; i * i <= n; i++)); do ((n % i)) || return 1; done; }
for n in {1..20}; do is_prime $n && printf '%d ' $n; done; echo
gcd() { local a=$1 b=$2; while ((b)); do ((t = a % b, a = b, b = t)); done; echo $a; }; gcd 48 36
bin() { local n=$1 r=; while ((n)); do r=$((n & 1))$r; ((n >>= 1)); done; echo "${r:-0}"; }; bin 10; bin 255; bin 0
hex() { printf '%x %X %o %#x\n' "$@"; }; hex 255 255 8 16; printf '%d\n' 0xff 077 -1; printf '%u\n' -1; printf '%.2f %5.1f|%-8.3e|\n' 3.14159 2.55 12345.6
sortnum=(5 3 9 1); for ((i=0; i<${#sortnum[@]}; i++)); do for ((j=i+1; j<${#sortnum[@]}; j++)); do if ((sortnum[i] > sortnum[j])); then t=${sortnum[i]}; sortnum[i]=${sortnum[j]}; sortnum[j]=$t; fi; done; done; echo "${sortnum[@]}"
sum=0; for x in "${sortnum[@]}"; do ((sum += x)); done; echo $sum avg $(bc <<< "scale=2; $sum/4" 2>/dev/null || echo 4.50); human() { local b=$1 u=0 s=(B K M G); while ((b >= 1024)); do ((b /= 1024, u++)); done; echo $b${s[u]}; }; human 500; human 123456; human 9999999999
str=racecar; rev=; for ((i=${#str}-1; i>=0; i--)); do rev+=${str:i:1}; done; [[ $str == "$rev" ]] && echo palindrome; for ((;;)); do break; done; echo $((5 <=> 3)) 
echo "after $?"; a[3]=1; echo $((a[3] + a[9])); b=a[3]; echo $((b)); x=y y=z z=7; echo $((x)); echo $((x = 3, x += 2)) $x; echo $((1 ? 2 : (3 / 0))) $((0 && (1/0)))
echo $((9223372036854775807 + 1)) $((1 << 63)) $((-1 >> 1)) $((5 % -3)) $((2 ** 0)); echo $((2 ** -1)); echo $((1 +)); echo "st $?"; echo $(( 'a' )); echo $((3x)); 
echo "last"
for i in {10..0..-5} {a..e..2} {-2..2}; do echo -n "$i "; done; echo; seq -f 'n%03g' 3; printf '%s\n' {1..3}{a,b} | paste -sd' '; echo $((RANDOM % 1)) $((SRANDOM % 1)); declare -i w=5+5; echo $w; w=abc; echo $w; typeset -i e; e=7/2; echo $e
fact() { (( $1 <= 1 )) && echo 1 || echo $(( $1 * $(fact $(( $1 - 1 ))) )); }; fact 10; power() { echo $(( $1 ** $2 )); }; power 2 16; roman() { local n=$1 r= v=(10 9 5 4 1) s=(X IX V IV I) i; for i in "${!v[@]}"; do while ((n >= v[i])); do r+=${s[i]}; ((n -= v[i])); done; done; echo $r; }; roman 29
