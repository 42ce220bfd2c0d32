bash -c 'syntax error here ('; echo "status $?"
bash -c 'if true; then echo a'; echo "status $?"
bash -c 'echo "unclosed'; echo "status $?"
bash -c 'foo bar; $nosuch; "" ; echo $?; ./nosuch; echo $?; . ./nosuch; echo $?; cd nosuch; echo $?; exit 300'; echo "status $?"
