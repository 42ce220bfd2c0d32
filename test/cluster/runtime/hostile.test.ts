/** Programs of containers that try to take the simulator with them. */
import { describe, expect, it } from 'vitest'
import { boundedRegExp, isDoubtful, RegexTimeout } from '../../../src-main/cluster/runtime/programs/guarded-regexp.js'
import { Pattern } from '../../../src-main/cluster/runtime/shell/pattern.js'
import { DiskBudget } from '../../../src-main/cluster/runtime/disk-budget.js'
import { MemoryBudget } from '../../../src-main/cluster/runtime/memory-budget.js'
import { makeMachine } from './machine.js'

describe('a regular expression', () => {
  it('that can backtrack without bound gives up', () => {
    expect(isDoubtful('(a+)+b')).toBe(true)
    expect(isDoubtful('^[a-z]+: (foo|bar)$')).toBe(false)
    expect(() => boundedRegExp('(a+)+b').test('a'.repeat(60))).toThrow(RegexTimeout)
    expect('aab'.replace(boundedRegExp('(a+)+b', 'g'), 'x')).toBe('x')
  })

  it('makes only its own program fail', async () => {
    const m = await makeMachine()
    const id = await m.start()
    expect((await m.exec(id, ['sh', '-c', `echo ${'a'.repeat(60)} | grep -E '(a+)+b'; echo still here`])).stdout).toBe('still here\n')
    const either = `shopt -s nocasematch; [[ ${'a'.repeat(60)} =~ (a+)+b ]]; echo still here`
    const debian = await m.start({ image: 'debian' })
    expect((await m.exec(debian, ['bash', '-c', either])).stdout).toBe('still here\n')
  })
})

describe('a shell pattern', () => {
  it('with many stars is matched in little time', () => {
    expect(new Pattern('*a*a*a*a*a*a*a*a*a*a*b').matches('a'.repeat(5000))).toBe(false)
  })
})

describe('work on much data', () => {
  /** How often others had their turn while a script ran, and what it wrote. */
  async function turnsWhile(script: string): Promise<{ turns: number; stdout: string; stderr: string }> {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    let [turns, over] = [0, false]
    const turn = (): void => {
      turns++
      if (!over) setImmediate(turn)
    }
    setImmediate(turn)
    const { stdout, stderr } = await m.exec(id, ['bash', '-c', script], { ms: 600_000 })
    over = true
    return { turns, stdout, stderr }
  }
  const FIVE_MB = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do x=$x$x; done; '

  it('that is one expression of megabytes is refused before it is calculated', async () => {
    expect(await turnsWhile(`x=1+1+1+1+1+; ${FIVE_MB} echo $((\${x}1))`)).toMatchObject({
      stdout: '',
      stderr: 'bash: line 1: arithmetic expression: Cannot allocate memory\n',
    })
  })

  it('that compares files of megabytes goes on beside others', async () => {
    const random = (name: string): string => `head -c 1000000 /dev/urandom | od -An -tx1 -w8 > /tmp/${name}; `
    const { turns, stdout } = await turnsWhile(`${random('a')}${random('b')}sleep 1; diff /tmp/a /tmp/b | grep -c '^<'`)
    expect(stdout).toBe('125000\n')
    expect(turns).toBeGreaterThan(500)
  })

  it('that matches patterns with strings of megabytes looks at each character once', async () => {
    const { stdout } = await turnsWhile(
      `x=aaaaaaaaaa; ${FIVE_MB} a=\${x//a/b$}; b=\${x##*b}; c=\${x%%a*b}; d=\${x%a*}; e=\${x//a*a/z}; [[ $x == *a*a*b ]]; echo $? \${#a} \${#b} \${#c} \${#d} $e; ` +
        'y=😀; case $y$x in ?a*a) echo emoji;; esac; echo ${y//?/x}',
    )
    expect(stdout).toBe('1 10485760 5242880 5242880 5242879 z\nemoji\nx\n')
  })

  it('that has more places to match at than a call takes arguments does not break the shell', async () => {
    expect(await turnsWhile(`x=aaaaaaaaaa; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do x=$x$x; done; shopt -s extglob; [[ $x == *(a)*b ]]; echo $?`)).toMatchObject({ stdout: '1\n', stderr: '' }) // prettier-ignore
  })
})

describe('a script', () => {
  it('that doubles a variable for ever ends for lack of memory', async () => {
    const m = await makeMachine()
    const id = await m.start()
    expect(await m.exec(id, ['sh', '-c', 'x=a; while :; do x=$x$x; done'], { ms: 5000 })).toEqual({
      stdout: '',
      stderr: 'sh: out of memory\n',
      code: 2,
    })
  })

  it('that reads lines without end can be killed, and stops nobody else', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    for (const script of ['mapfile < /dev/zero', 'read x < /dev/zero', 'read -d x y < /dev/zero', 'while read x; do :; done < /dev/zero']) {
      const reading = m.exec(id, ['timeout', '-s', 'KILL', '2', 'bash', '-c', script], { ms: 5000 })
      expect((await reading).code).toBe(137)
    }
    expect(await m.exec(id, ['bash', '-c', 'yes | tr -d "\\n" | { read x; echo $?; }'], { ms: 60_000 })).toEqual({
      stdout: '1\n',
      stderr: 'bash: line 1: read: read error: 0: Cannot allocate memory\n',
      code: 0,
    })
    expect((await m.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n')
  })

  it('that calls itself for ever ends', async () => {
    const m = await makeMachine()
    const id = await m.start()
    expect((await m.exec(id, ['sh', '-c', 'f() { f; }; f'], { ms: 5000 })).code).toBe(2)
  })

  it('sees no environment, file or prototype of the host', async () => {
    const m = await makeMachine()
    const id = await m.start({
      env: [
        { name: '__proto__', value: 'x' },
        { name: 'constructor', value: 'y' },
      ],
    })
    expect((await m.exec(id, ['sh', '-c', 'env | sort; cat /../../../../etc/hostname; echo ${toString-unset} ${__proto__}'])).stdout).toBe(
      'HOME=/root\nHOSTNAME=web\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/\nSHLVL=1\n__proto__=x\nconstructor=y\nweb\nunset x\n',
    )
    expect((await m.exec(id, ['sh', '-c', 'hasOwnProperty'])).stderr).toBe('sh: hasOwnProperty: not found\n')
  })
})

describe('a program that takes all the memory that there is', () => {
  const ENDLESS: readonly (readonly [script: string, says: string, code: number])[] = [
    ['tail /dev/zero', 'tail: Cannot allocate memory\n', 1],
    ['rev /dev/zero', 'rev: Cannot allocate memory\n', 1],
    ['grep x /dev/zero', 'grep: /dev/zero: Cannot allocate memory\n', 2],
    ["sed ':a;N;ba' /dev/zero", 'sed: Cannot allocate memory\n', 1],
    ['awk \'BEGIN { x = "a"; while (1) x = x x }\'', 'awk: out of memory\n', 2],
    ["yes | awk '{ a[NR] = $0 }'", '', 137],
    ['x=$(yes)', 'sh: out of memory\n', 2],
  ]

  it.each(ENDLESS.slice(0, 5))('fails alone: %s', async (script, says, code) => {
    const m = await makeMachine()
    const id = await m.start()
    expect(await m.exec(id, ['sh', '-c', script], { ms: 20_000 })).toEqual({ stdout: '', stderr: says, code })
    expect((await m.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n')
  })

  it.each(ENDLESS.map(([script]) => [script]))('is killed at the limit of its container: %s', async (script) => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', script], memoryLimit: 8 * 1024 * 1024 })
    for (let i = 0; i < 1000 && m.runtime.containerInfo(id)!.exitCode === undefined; i++) await m.clock.advance(50)
    expect(m.runtime.containerInfo(id)).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
  })

  it('is seen to take it', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['sh', '-c', '(head -c 30m /dev/zero; sleep 60) | tail | wc -c'] })
    await m.clock.advance(10_000)
    expect(Math.round(m.runtime.containerStats(id)!.memoryBytes / 1024 ** 2)).toBe(32)
  })

  it('shares a bound with all others, in memory and in files', () => {
    const memory = new MemoryBudget(100, 150)
    expect([memory.take(101, 0), memory.take(100, 0), memory.take(60, 0), memory.take(50, 0)]).toEqual([false, true, false, true])
    memory.giveBack(100)
    expect(memory.take(60, 30)).toBe(true)
    const MIB = 1024 ** 2
    const disk = new DiskBudget(10 * MIB)
    const [a, b] = [{ usage: 0 }, { usage: 0 }]
    expect(disk.mayGrow(a, 6 * MIB)).toBe(true)
    a.usage = 6 * MIB
    expect([disk.mayGrow(b, 6 * MIB), disk.mayGrow(b, 4 * MIB), disk.mayGrow({ usage: 0 }, 1000)]).toEqual([false, true, true])
    a.usage = 0
    expect(disk.mayGrow(b, 6 * MIB)).toBe(true)
  })
})

describe('a program that never ends', () => {
  it.each([
    'wc /dev/zero',
    'od /dev/zero',
    'xxd /dev/zero > /dev/null',
    'base64 /dev/urandom > /dev/null',
    "sed ':a;ba' /etc/passwd",
    "awk 'BEGIN { while (1) a[i++ % 10] = i }'",
  ])('can be killed, and stops nobody else: %s', async (script) => {
    const m = await makeMachine()
    const id = await m.start()
    expect((await m.exec(id, ['timeout', '-s', 'KILL', '0.2', 'sh', '-c', script], { ms: 400 })).code).toBe(137)
    expect((await m.exec(id, ['echo', 'alive'])).stdout).toBe('alive\n')
  })

  it.each([
    ['set -- "$@" a…', 'x="a b c d e f g h"; while :; do set -- "$@" $x $x; done'],
    ['sed s', "echo x | sed ':a;s/x/xx/;ta'"],
    ['sed s///g', "echo x | sed ':a;s/x/xx/g;ta'"],
    ['awk gsub', `awk 'BEGIN { x = "a"; while (1) { gsub(/a/, "aa", x); if (length(x) > 1000000) x = "a" } }'`],
    ['${x//@(…)/…}', 'shopt -s extglob; x=$(printf "a%.0s" {1..2000}); while :; do y=${x//*(a|aa)c/x}; done', 'debian'],
    ['sort', 'seq 1 400000 > /tmp/a; while :; do sort -rn /tmp/a > /dev/null; done'],
    ['grep -o', 'head -c 1000000 /dev/zero | tr "\\0" a > /tmp/a; while :; do grep -o a /tmp/a > /dev/null; done'],
    ['bzip2', 'while :; do head -c 1000000 /dev/urandom | bzip2 > /dev/null; done'],
    ['set -- $x, at its separators', 'x=$(head -c 400000 /dev/zero | tr "\\0" a); IFS=a; while :; do set -- $x; done'],
    ['[[ == ]]', 'shopt -s extglob; x=$(printf "a%.0s" {1..2000}); while :; do [[ $x == *(+(a)|b)c ]]; done', 'debian'],
  ])(
    'is billed for what its commands have to do, and leaves the simulator free for others: %s',
    async (_, script, image = 'busybox') => {
      const m = await makeMachine()
      const id = await m.start({ image, command: [image === 'debian' ? 'bash' : 'sh', '-c', script] })
      // Work that nobody is billed for would keep the clock from going on, for minutes.
      await m.clock.advance(5000)
      expect(m.runtime.containerStats(id)!.cpuNanos / 1e6).toBeGreaterThan(4000)
      expect((await m.exec(id, ['echo', 'alive'], { ms: 1000 })).stdout).toBe('alive\n')
    },
    120_000,
  )

  it('that writes lines for ever writes no more of them than a log takes', async () => {
    const m = await makeMachine()
    const id = await m.start({ command: ['seq', '100000000'] })
    await m.clock.advance(1000)
    const ended = m.runtime.stopContainer(id, 0)
    await m.clock.advance(1000)
    await ended
    const lines = (await m.log(id)).split('\n').length + Number((await m.log(id)).split('\n')[0])
    expect(lines).toBeGreaterThan(100_000)
    expect(lines).toBeLessThan(300_000)
  })

  it('of bash gives up a pattern whose groups would be tried for minutes', async () => {
    const m = await makeMachine()
    const script = 'shopt -s extglob; x=$(printf "a%.0s" {1..4000}); y=${x//+(a|aa|!(b))c/x}; echo not here'
    expect(await m.exec(await m.start({ image: 'debian' }), ['bash', '-c', script], { ms: 5000 })).toEqual({
      stdout: '',
      stderr: 'bash: line 1: pattern: Cannot allocate memory\n',
      code: 1,
    })
  })

  it.each([
    ['base64 /dev/zero | head -c 8', 'AAAAAAAA'],
    ['hexdump -n 4 -e \'"%u"\' /dev/zero', '0'],
    ['xxd -l 4 /dev/zero', '00000000: 0000 0000                                ....\n'],
    ['xxd -p /dev/zero | head -c 6', '000000'],
    ['od -An -N2 -tu2 /dev/zero', '     0\n'],
    ['yes | tail -n +3 | head -n 1', 'y\n'],
    ['yes abcd | strings | head -n 1', 'abcd\n'],
    ['less /dev/zero | head -c 3 | od -An -tx1', ' 00 00 00\n'],
  ])('gives what is asked of it: %s', async (script, output) => {
    const m = await makeMachine()
    expect(await m.exec(await m.start(), ['sh', '-c', script!], { ms: 5000 })).toEqual({ stdout: output, stderr: '', code: 0 })
  })

  it('of bash fills arrays and variables until there is no memory', async () => {
    const m = await makeMachine()
    for (const script of ['mapfile a < <(yes)', 'a=(x); while :; do a+=("${a[@]}"); done']) {
      const id = await m.start({ image: 'debian', command: ['bash', '-c', script], memoryLimit: 2 * 1024 * 1024 })
      for (let i = 0; i < 1000 && m.runtime.containerInfo(id)!.exitCode === undefined; i++) await m.clock.advance(50)
      expect(m.runtime.containerInfo(id)).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
    }
  })
})

describe('a path of thousands of directories', () => {
  it('is made, found and removed in time that nobody notices', async () => {
    const m = await makeMachine()
    const id = await m.start()
    const script = 'd=/tmp/x; while [ ${#d} -lt 4000 ]; do d=$d/x; done; mkdir -p $d; find /tmp/x | wc -l; rm -r /tmp/x; ls /tmp | wc -l'
    const began = performance.now()
    expect((await m.exec(id, ['sh', '-c', script], { ms: 5000 })).stdout).toBe('1998\n0\n')
    // It took minutes when each name on the way was looked for with the whole path before it.
    expect(performance.now() - began).toBeLessThan(20_000)
  })
})

describe('words that grow fourfold', () => {
  it('end for lack of memory, in the words of the shell', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    for (const [shell, name, status] of [
      ['dash', 'dash: 1', 2],
      ['bash', 'bash: line 1', 1],
    ] as const) {
      const script = 'set -- a; while :; do set -- $1$1$1$1 $*; done'
      expect(await m.exec(id, [shell, '-c', script], { ms: 60_000 })).toEqual({
        stdout: '',
        stderr: `${name}: out of memory\n`,
        code: status,
      })
    }
    const limited = await m.start({ command: ['sh', '-c', 'set -- a; while :; do set -- $1$1$1$1 $*; done'], memoryLimit: 8 * 1024 * 1024 })
    await m.clock.advance(60_000)
    expect(m.runtime.containerInfo(limited)).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
  })
})

describe('a long text', () => {
  it('is searched and replaced in time that grows with it', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    const script = `s=$(printf 'a%.0s' {1..40000}); r=\${s//a*b/x}; echo \${#r}; r=\${s/*a/x}; echo $r; r=\${s%%*b}; echo \${#r}; r=\${s#*a}; echo \${#r}
      x=abcabc; echo \${x//b*b/-} \${x##*b} \${x#*b} \${x%%b*} \${x%b*} \${x/b?/-} \${x//[ac]/.} \${x/%c*c/-} \${x/#a*a/-}`
    expect(await m.exec(id, ['bash', '-c', script], { ms: 5000 })).toEqual({
      stdout: '40000\nx\n40000\n39999\na-c c cabc a abca a-abc .b..b. ab- -bc\n',
      stderr: '',
      code: 0,
    })
  })

  it('of sets for tr and numbers for date is bounded', async () => {
    const m = await makeMachine()
    const id = await m.start()
    expect((await m.exec(id, ['sh', '-c', "echo abc | tr a-c '[x*1000000000]'; date -d @99999999999999999999"])).stdout).toBe('xxx\n')
  })
})
