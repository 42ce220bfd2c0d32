numfmt --to=iec 1048576 1023 1024 1500 10240 999999999999
numfmt --to=si 1500000 999 1000 9999 99999 -2500
numfmt --to=iec-i 1048576 1234567
numfmt --from=iec 1K 2.5M 1G
numfmt --from=si 1K 2.5M
numfmt --from=auto 1K 1Ki 3M
numfmt --from=iec-i --to=si 4Mi
numfmt --from=iec-i 4M; echo $?
numfmt 1K; echo $?
numfmt --from=si 1x; echo $?
numfmt abc; echo $?
numfmt --padding=8 5; numfmt --padding=-8 5 | sed 's/ /_/g'
numfmt --format='%.2f' --to=iec 123456789; numfmt --format='<%10.1f>' --to=si 12345; numfmt --format='%06.0f' 42
numfmt --round=down --to=si 1999 ; numfmt --round=nearest --to=si 1949; numfmt --round=up --to=si 1911; numfmt --round=towards-zero --to=iec -- -1999
numfmt --suffix=B --to=iec 2048; numfmt --suffix=B --from=iec 2KB
printf '%s\n' 'a 2048 x' 'bb 4096 y' | numfmt --field=2 --to=iec
printf '%s\n' '1,2048,3' | numfmt -d, --field=2- --to=iec
printf 'size name\n2048 a\n1048576 b\n' | numfmt --header=1 --to=iec
printf '%8s %s\n' 2048 a 1048576 b | numfmt --to=iec
numfmt --to-unit=1024 4096; numfmt --from-unit=512 8; numfmt --to-unit=Mi 3145728
numfmt --invalid=ignore x 5; echo $?; numfmt --invalid=warn x 5; echo $?; numfmt --invalid=fail x 5; echo $?
numfmt 3.75; numfmt --to=si 0.5 9.99 10.01
