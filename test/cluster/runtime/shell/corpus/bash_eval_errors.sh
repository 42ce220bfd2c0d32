eval 'foo ('; echo $?; eval 'echo "x'; echo $?; eval 'if'; echo $?; eval ')'; echo $?; echo next
