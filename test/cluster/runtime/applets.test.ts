/** What the smaller applets of busybox print, on one simulated machine. */
import { beforeAll, describe, expect, it } from 'vitest'
import { makeMachine, type Machine } from './machine.js'

let m: Machine
let id: string
beforeAll(async () => {
  m = await makeMachine()
  id = await m.start()
})

/** Standard output and standard error of a script in a directory of its own, and its status. */
async function run(script: string, ms = 5000): Promise<string> {
  const { stdout, code } = await m.exec(id, ['sh', '-c', `exec 2>&1; mkdir -p /w; cd /w; ${script}`], { ms })
  return `${stdout}${code === 0 ? '' : `exit ${code}\n`}`
}

const CASES: readonly (readonly [script: string, output: string])[] = [
  ['factor 12 97 1 0; echo 60 | factor', '12: 2 2 3\n97: 97\n1:\n0:\n60: 2 2 3 5\n'],
  ['printf abc > f; cksum f; crc32 f; sum f; sum -s f', '1219131554 3 f\n352441c2 f\n16556     1 f\n294 1 f\n'],
  ['mkdir -p t/a; touch t/a/x t/b; ln -s b t/l; tree t', 't\n├── a\n│   └── x\n├── b\n└── l -> b\n\n1 directories, 3 files\n'],
  ['ipcalc -nbmp 10.0.0.5/24', 'NETMASK=255.255.255.0\nBROADCAST=10.0.0.255\nNETWORK=10.0.0.0\nPREFIX=24\n'],
  [`getopt -o ab:c:: -l alpha,beta: -- -a --beta x -c1 -c rest "it's"`, ` -a --beta 'x' -c '1' -c '' -- 'rest' 'it'\\''s'\n`],
  ['getopt ab: -a -b x y', ' -a -b x -- y\n'],
  ['mknod p p; link p q; unlink p; unlink p', "unlink: can't remove file 'p': No such file or directory\nexit 1\n"],
  ['install -d i/b; echo x > s; install -m 600 s i/b; stat -c %a i/b i/b/s', '755\n600\n'],
  ["mkdir d; touch f; ln -s f l; stat -c '%f\\t%n' d f l", '41ed\\td\n81a4\\tf\na1ff\\tl\n'],
  ['logname; nologin', 'logname: getlogin: No such device or address\nThis account is not available\nexit 1\n'],
  ['chroot /nosuch', "chroot: can't change root directory to '/nosuch': No such file or directory\nexit 1\n"],
  ['adduser -D bob; id bob; su bob -c "whoami; pwd"; deluser bob; id bob', 'uid=1000(bob) gid=1000(bob) groups=1000(bob)\nbob\n/w\nid: unknown user bob\nexit 1\n'],
  ['(flock -n 9 || exit 1; flock -n lock echo no; echo $?) 9> lock; flock lock echo free', '1\nfree\n'],
  ['sleep 100 & pwdx $! | cut -d: -f2; kill $!', ' /w\n'],
  ['printf "b\\na\\n" > s; sort -o s s; cat s; sort -c s && echo sorted', 'a\nb\nsorted\n'],
  ['date -u -D "%d/%m/%Y" -d 02/03/2024 +%F; date -u -d 2024.01.02-03:04:05 +%FT%T', '2024-03-02\n2024-01-02T03:04:05\n'],
  ['cal -m 3 2024 | head -3', '     March 2024\nMo Tu We Th Fr Sa Su\n             1  2  3\n'],
  ['head nosuch; cat nosuch; tail nosuch', "head: nosuch: No such file or directory\ncat: can't open 'nosuch': No such file or directory\ntail: can't open 'nosuch': No such file or directory\ntail: no files\nexit 1\n"],
  ['whoami --help', 'BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n\nUsage: whoami\n\nPrint the user name associated with the current effective user id\n'],
  ['echo x > f; for c in "cat --number" "tail --lines=1" "ls --all" "grep --count x" "sort --reverse" "wc --lines" "head --lines=1" "rm --force"; do $c f 2>&1 | sed q; done; grep --color=never x f; ls --color=never f; cp --force f g; mv --no-clobber f h; sed --quiet p g; xargs --no-run-if-empty echo < /dev/null; ls g h', "cat: unrecognized option '--number'\ntail: unrecognized option '--lines=1'\nls: unrecognized option '--all'\ngrep: unrecognized option '--count'\nsort: unrecognized option '--reverse'\nwc: unrecognized option '--lines'\nhead: invalid option -- '-'\nrm: unrecognized option '--force'\nx\nf\nx\ng\nh\n"],
  ['grep -P x f | head -1', "grep: invalid option -- 'P'\nBusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n"],
  ['printf "hello\\n" > f; bzip2 f; ls f*; bunzip2 f.bz2; xz f; ls f*; unxz f.xz; xz -c f | xzcat; bzip2 -c f | bzcat', 'f.bz2\nf.xz\nhello\nhello\n'],
  ['mkdir a; echo 1 > a/x; tar cjf a.tbz a; tar tf a.tbz; tar cJf a.txz a; tar xOf a.txz a/x', 'a/\na/x\n1\n'],
  ['echo x | bunzip2; echo x | unxz; bunzip2 nosuch', 'bunzip2: invalid magic\nunxz: invalid magic\nbunzip2: nosuch: No such file or directory\nexit 1\n'],
  ['printf "a.b" | xxd -i; echo abc | sed "s/./\\\\u&/"; echo x | xargs nosuch; find . -user nosuchuser', '  0x61, 0x2e, 0x62,\nuabc\nxargs: nosuch: No such file or directory\nfind: unknown user nosuchuser\nexit 1\n'],
  ["printf 'a b\\n' > f; sed '1~2d' f; sed '/A/Id' f; sed 's/a/x/M' f; sed 2Q f; sed '1q5' f; sed z f; sed '1!!p' f; sed -f nosuch f", "sed: unsupported command ~\nsed: unsupported command I\nsed: bad option in substitution expression\nsed: unsupported command Q\nsed: missing command\nsed: unsupported command z\nsed: unsupported command !\nsed: nosuch: No such file or directory\nexit 1\n"],
  ["printf 'aoo\\n' > f; sed '1i\\  key: x\\n' f; sed 's/o/\\x41/2g' f; sed 's/a/b/0p p' f; sed y/ao/x/ f; sed p . ; sed l f; sed --version", '  key: x\n\naoo\nax41x41\nboo\nboo\nxoo\naoo\nThis is not GNU sed version 4.0\n'],
  ["printf 'aoo\\n' > f; sed tno f; sed bno f", "aoo\nsed: can't find label for jump to 'no'\nexit 1\n"],
  ["xargs -L1 echo 2>&1 | head -n1; xargs -d, echo 2>&1 | head -n1; xargs -n0; xargs -n x; xargs -P-1; echo \"'a b'  \" | xargs -I{} echo '[{}]'", "xargs: invalid option -- 'L'\nxargs: invalid option -- 'd'\nxargs: number 0 is not in 1..2147483647 range\nxargs: invalid number 'x'\nxargs: invalid number '-1'\n['a b'  ]\n"],
  ['echo x > f; for c in "grep -1 x" "grep --count x" "sort -~" "tty -x" "printenv --x"; do $c f > /dev/null 2>&1; echo $?; done; grep -A x y f; sort nosuch', "2\n2\n2\n2\n127\ngrep: invalid number 'x'\nsort: nosuch: No such file or directory\nexit 2\n"],
  ["mkdir fd; head -c 100 /dev/zero > fd/f; for e in '-printf x' '-size -1k' '-size 1M' '-type q' '-name' '-perm +600 -type f' '-newer no' '-iregex f' '-regex [a-z/]*\\(f\\)'; do find fd $e 2>&1 | grep -v '^$' | head -n 1; done", "find: unrecognized: -printf\nfd/f\nfind: invalid number '1M'\nfind: invalid argument 'q' to '-type'\nfind: -name requires an argument\nfd/f\nfind: can't stat 'no': No such file or directory\nfind: unrecognized: -iregex\nfd/f\n"],
  ['sleep 9 & sleep 9 & echo $(jobs -p | wc -l) $(jobs | wc -l); jobs | wc -l; (jobs | wc -l); jobs %3; jobs -r; kill $(jobs -p); wait; jobs; echo $?', '0 0\n2\n0\nsh: jobs: line 0: %3: no such job\nsh: jobs: line 0: illegal option -r\n0\n'],
  ["printf 'a:b\\nc:d\\n' > f; awk '{ FS = \":\" } { print $1 }' f; awk 'BEGIN { print \"\\x41\", gensub(/a/, \"b\", \"g\", \"aa\"), and(5, 3) }'; awk -f no f; awk '{ print }' no f", "a:b\nc\nA bb 1\nawk: can't open 'no': No such file or directory\nawk: no: No such file or directory\nexit 1\n"],
  ['sh -c "cat <<< x"', 'sh: syntax error: unexpected redirection\nexit 2\n'],
] // prettier-ignore

/** What the real programs of Debian made of `seq 1 300` and of a line. */
const PACKED: readonly (readonly [unpack: string, packed: string, content: string])[] = [
  ['xzcat', '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4ARDAQJdABiCgo8iTvimVffwmaUlDZBFkVpRtJvKrNwFMuyFUp+xSG3v3OhLuWG64JxTf5jIqVQO/D0q0wbXZkQ9VmSmzT3Xxx9E9BjfAgs/4sbGe+Hnf3lEHHm3Qq5luBu1DoThmoIGIzlaf3KqQ/qlmh+SwL5FcXlK1ZPGkAo5rZxlhyq2GjjH4ZMXytA+CeqwUvAQYCbAXl8QkQ25eXh9l0Jg0KY4d+Ej6LsoT4hSLXVYJj9m/eKc69OvYdk1ev/7YrE8fJMc8mS4TRyFKrFcAAY2AUrrvAVI71xotTxxgZ4sbORnBs+FKnUJGYy8F0QNzTxpxjbEnpzS7js1Ej6TUpedidqbMQAAAGc3dbfmK+6BAAGeAsQIAABn2MVpscRn+wIAAAAABFla', Array.from({ length: 300 }, (_, i) => `${i + 1}\n`).join('')],
  ['bzcat', 'QlpoOTFBWSZTWfqyn6IAALVIAAAQf+BAApA2HAAxqlHlP8qhVP0wT/VUhU/1Ux6n6UHUf/+qUm/VT/KqR9yJq83z7yADToDBIFhQKBYSBg6A0gA84AGuOgPIANOgMEgWFAoFhIGDoDSADzgAY4SBYUCgWEgYOgNIAPOAA4cKqtrS222ySSSKAAAAAEojlttu2y2223e973vdaJohE0QiaIRNEImiETRCJohE0QiaIRNbnJtttr+qtttu973ve9f1iaIRNANoBtANoBtANoBtANoBtbnMbbbWW/+222aSSS398AAAAG7tu2219tq22yaSSWwAAAAbu23m21+229bbJNJJb6AAAAN3bbfdtfLbb5bZJNJLfoAAAA3dttvdr1ttv22SSaS3wAAAAbu222mq222+2SSTS3gAAAB87eebbbS1bbbfbJJJ+/YAAAD4fwu5IpwoSH1ZT9EA', Array.from({ length: 300 }, (_, i) => `${i + 1}\n`).join('')],
  ['lzcat', 'XQAAgAD//////////wA0GUnujelPfiG2ILf//7o0AAA=', 'hello hello hello\n'],
] // prettier-ignore

describe('an applet', () => {
  it.each(CASES)('%s', async (script, output) => {
    // `grep … | head -1` shows one line of standard output and all of standard error.
    const printed = await run(script)
    expect(script.includes('| head -1') ? `${printed.split('\n').slice(0, 2).join('\n')}\n` : printed).toBe(output)
  })

  it.each(PACKED)('%s unpacks what the real one has packed', async (unpack, packed, content) => {
    expect(await run(`echo ${packed} | base64 -d | ${unpack}`)).toBe(content)
  })

  it('puts the changes of a diff into a file and takes them out again', async () => {
    const made = await run(
      'printf "a\\nb\\nc\\n" > f; printf "%s\\n" "--- f" "+++ f" "@@ -1,3 +1,4 @@" " a" "-b" "+B" " c" "+d" > p; patch < p; cat f; patch -R < p; cat f',
    )
    expect(made).toBe('patching file f\na\nB\nc\nd\npatching file f\na\nb\nc\n')
  })

  it('serves a directory over HTTP, in the background', async () => {
    const made = await run(
      'mkdir www; echo hello > www/index.html; httpd -p 8080 -h www; wget -qO- http://localhost:8080/; wget -qO- http://localhost:8080/no; killall httpd',
    )
    expect(made).toBe('hello\nwget: server returned error: HTTP/1.1 404 Not Found\n')
  })

  it('runs a program for each connection', async () => {
    const made = await run('nc -ll -p 8081 -e sh -c "echo hi; cat" & sleep 1; echo you | nc localhost 8081; kill $!')
    expect(made).toBe('hi\nyou\n')
  })

  it('runs programs at their times', async () => {
    const made = await run(
      'mkdir c; echo "* * * * * date -u +%M >> /w/ran" > c/root; crond -c c; sleep 130; cat ran; crontab -c c -l | wc -l; killall crond',
      140_000,
    )
    expect(made).toBe('18\n19\n1\n')
  })
})

describe('xargs', () => {
  it('runs a command as soon as its arguments are there, however much follows', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    const run = async (script: string): Promise<string> => (await m.exec(id, ['bash', '-c', script], { ms: 20_000 })).stdout
    expect(await run('yes | xargs -n 1 echo | head -n 3')).toBe('y\ny\ny\n')
    expect(await run('(echo a; sleep 5; date +%S) | xargs -I{} sh -c "date +%S; echo {}" | { read x; echo $x; }')).toBe('00\n')
    expect(
      await run(
        "printf 'a\\0b c\\0' | xargs -0 -n1 echo; printf 'a\\n\\nb\\n' | xargs -d '\\n' printf '<%s>'; printf 'x\\\\\\ny z' | xargs -n1",
      ),
    ).toBe('a\nb c\n<a><><b>x\ny\nz\n')
    expect(await run('xargs echo none < /dev/null; xargs -r echo none < /dev/null; echo a STOP b | xargs -E STOP')).toBe('none\na\n')
  })

  it.each([
    ['busybox', 'sh', "xargs: 'sh' terminated by signal 15\n125\nxargs: sh: exited with status 255; aborting\n124\nx\nx\n123\n"],
    ['debian', 'bash', 'xargs: sh: terminated by signal 15\n125\nxargs: sh: exited with status 255; aborting\n124\nx\nx\n123\n'],
  ])('stops at a command that a signal has ended, or that says so with 255: %s', async (image, shell, output) => {
    const m = await makeMachine()
    const id = await m.start({ image })
    const script = `exec 2>&1; echo a b | xargs -n1 sh -c 'kill -TERM $$'; echo $?; echo a b | xargs -n1 sh -c 'exit 255'; echo $?; echo a b | xargs -n1 sh -c 'echo x; exit 143'; echo $?`
    expect((await m.exec(id, [shell, '-c', script], { ms: 1000 })).stdout).toBe(output)
  })
})

describe('arguments that are too long', () => {
  it.each([
    ['dash', 'dash: 1: /bin/true: Argument list too long\n'],
    ['bash', 'bash: line 1: /bin/true: Argument list too long\n'],
  ])('are refused to a program, not to the shell: %s', async (shell, stderr) => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    const script =
      'x=$(head -c 131072 /dev/zero | tr "\\0" a); /bin/true $x; echo $?; echo $x | wc -c; set -- $(seq 100000); /bin/true $* $* $*; echo $?; /bin/true $*; echo $?'
    expect(await m.exec(id, [shell, '-c', script], { ms: 5000 })).toEqual({
      stdout: '126\n131073\n126\n0\n',
      stderr: stderr + stderr,
      code: 0,
    })
  })
})

describe('gzip -v and stat of coreutils', () => {
  it('tell of a file what the real ones tell', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    const script = 'cd /tmp; seq 1000 > f; gzip -kv f; gzip -dfv f.gz; stat f | head -n 3 | sed "s/Inode: [0-9]*/Inode: N/"'
    expect(await m.exec(id, ['bash', '-c', script], { ms: 1000 })).toEqual({
      stdout: '  File: f\n  Size: 3893      \tBlocks: 8          IO Block: 4096   regular file\nDevice: 0,49\tInode: N     Links: 1\n',
      stderr: expect.stringMatching(/^f:\t [56]\d\.\d% -- created f\.gz\nf\.gz:\t [56]\d\.\d% -- replaced with f\n$/),
      code: 0,
    })
  })
})

it("busybox's ash has process substitution of bash's, but neither its arithmetic command nor its appending of both outputs", async () => {
  const ash = (line: string) => m.exec(id, ['sh', '-c', line])
  expect((await ash('cat <(echo a); diff <(echo 1) <(echo 2)')).stdout).toBe('a\n--- /dev/fd/64\n+++ /dev/fd/65\n@@ -1 +1 @@\n-1\n+2\n')
  expect((await ash('((x=1)); echo "[$x]"; ((echo a); echo b); echo c &>/tmp/f; cat /tmp/f')).stdout).toBe('[]\na\nb\nc\n')
  expect(await ash('echo b &>>f')).toEqual({ stdout: '', stderr: 'sh: syntax error: unexpected redirection\n', code: 2 })
})
