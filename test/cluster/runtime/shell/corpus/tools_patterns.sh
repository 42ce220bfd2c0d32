# Empty matches, alternatives, errors of sed; awk as mawk has it.
echo hello | sed 's/l*/x/g'; echo baaac | sed 's/a*/x/2'; echo hello | awk '{gsub(/l*/, "x"); print}'; echo abc | sed 's/b*/[&]/g'
echo abcd | grep -oE 'ab|abcd'; echo foobar | sed -E 's/foo|foobar/X/'; expr abcd : 'ab\|abcd'; echo xabcy | awk '{sub(/ab|abc/, "X"); print}'
echo x | sed 's/x'; echo x | sed 's/x/y/q'; echo x | sed '/x'; echo x | sed 'b foo'; echo x | sed '}'; echo x | sed '{p'; echo x | sed 'y/a'; echo $?
awk 'BEGIN{print 1'; awk 'BEGIN{ x = ; }'; awk 'BEGIN{f(1)}'; awk 'BEGIN{ x = (1 }'; awk '{print}' nosuch; echo $?
awk 'BEGIN{print 1e20, 2^31, 2^31-1, 1/3, 100000, 0.1+0.2; print substr("hello",0,2) "|" substr("hello",2,100) "|" substr("hello",1.5,2); print 1/0}'
awk -f /dev/stdin <<'E'
BEGIN { x["a","b"]=1; for (k in x) { split(k, p, SUBSEP); print p[1], p[2] }; if (("a","b") in x) print "yes"; exit }
END { print "end" }
E
printf 'a b\nc\n' > f; wc -c f f; wc -l f; mkdir d; grep a d; echo $?; find . -user nosuchuser; echo $?; echo 1 | xargs nosuch; echo $?
mkdir -pv p/q/r; touch g; chmod 755 g; chmod -v 600 g; chmod -c 600 g; cp -rv p s; cp f g nosuchdir; mv g g; mv p p/x; ln d e; date -r nosuch; echo $?
timeout; echo $?; timeout x true; echo $?; gzip f; gzip f.gz; gunzip -c f.gz; gzip nosuch; echo $?; echo y > h; gunzip h; echo $?; echo x | gunzip; echo $?
