# Rotation of backups and a log cut into pieces.
set -eu
mkdir -p data backups; for i in 1 2 3; do echo "file $i" > data/f$i.txt; done
keep=2
for day in 01 02 03 04; do
  tar -czf "backups/db-2024-01-$day.tar.gz" -C data .
done
ls backups | sort -r | tail -n +$((keep + 1)) | while read -r old; do echo "removing $old"; rm -f "backups/$old"; done
ls -1 backups
tar -tzf backups/db-2024-01-04.tar.gz | sort
mkdir restore; tar -xzf backups/db-2024-01-04.tar.gz -C restore; diff -r data restore && echo identical
find data -name '*.txt' -type f | sort | xargs -n1 basename | sed 's/\.txt$//' | paste -sd, -
find data -type f -exec sh -c 'for f; do echo "${f##*/}: $(cat "$f")"; done' _ {} + | sort
( cd data && md5sum *.txt > ../sums ); cat sums; ( cd data && md5sum -c ../sums )
echo changed >> data/f2.txt; ( cd data && md5sum -c ../sums ) 2>&1 || echo "failed $?"
diff -u restore/f2.txt data/f2.txt | tail -n +3 || true
seq 1 10 > log; split -l 4 log part.; wc -l part.* | sed 's/^ *//'
head -c 5 log | od -c | head -1; tail -n 2 log; tac log | head -2; nl -ba data/f1.txt
cut -d' ' -f2 data/f1.txt; sort -rn log | uniq -c | awk '$2>8{print $2}'; tr -s '\n' ' ' < log; echo
date -d @0 -u +%Y-%m-%dT%H:%M:%SZ; date -u -d '2024-02-28 +2 days' +%F; date -u -d '2024-01-31 10:00' +'%s %j %a'
du -k data >/dev/null && echo du; basename /a/b/c.txt .txt; dirname /a/b/c.txt; dirname x; readlink -f data/../data/f1.txt | sed "s|$PWD|PWD|"
stat -c '%s %F %a' data/f1.txt; chmod 640 data/f1.txt; stat -c %A data/f1.txt
mktemp -u tmp.XXXX | wc -c; ln -s data/f1.txt link; readlink link; test -L link && echo link
