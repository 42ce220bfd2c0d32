mkdir d; cd d; touch a.txt b.txt c.log .hidden 'sp ace'; mkdir sub; touch sub/x sub/y.txt
echo *; echo *.txt; echo ?.log; echo [ab].txt; echo [!a]*.txt; echo .h*; echo */*; echo */
echo nomatch*; echo "*.txt"; echo '*'; echo \*.txt
for f in *; do echo "<$f>"; done
set -f; echo *; set +f
x='*.txt'; echo $x "$x"
echo [[:alpha:]].txt s*b/* ./*.log
ls | wc -l
case a.txt in *.txt) echo m;; esac
echo sub/[x-z]* *[.]log
