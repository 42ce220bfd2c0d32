(
select x in a b; do echo $x; break; done <<< 2
)
echo "status $?"
(
echo a |& cat; ls nosuch |& wc -l; { echo o; echo e >&2; } &> f; cat f; echo z &>> f; wc -l < f
)
echo "status $?"
(
while IFS='=' read -r k v; do echo "k=$k v=$v"; done < <(printf 'a=1\nb=x=y\n'); cat <<< "here $((1+1))"; cat <<-EOF
	tabbed ${HOME}
	EOF
)
echo "status $?"
