/** Programs of busybox that the corpus of shell scripts, which is Debian's, does not reach. */
import { beforeAll, describe, expect, it } from 'vitest'
import { busyboxImage, makeMachine, type Machine } from './machine.js'

let machine: Machine
let container: string

beforeAll(async () => {
  machine = await makeMachine()
  container = await machine.start({ image: 'busybox' })
})

it.each<[string, string]>([
  [
    "printf 'hello world, bytes' | xxd",
    '00000000: 6865 6c6c 6f20 776f 726c 642c 2062 7974  hello world, byt\n00000010: 6573                                     es\n',
  ],
  ['printf hello | xxd -p; printf 68656c6c6f | xxd -r -p', '68656c6c6f\nhello'],
  ["printf 'abc\\0defghi\\n' | strings", 'defghi\n'],
  ["printf 'a\\r\\nb\\r\\n' | dos2unix | od -c", '0000000   a  \\n   b  \\n\n0000004\n'],
  ["printf 'a\\n' > f; unix2dos f; od -c f", '0000000   a  \\r  \\n\n0000003\n'],
  ['cal 2 2024 | head -4', '   February 2024\nSu Mo Tu We Th Fr Sa\n             1  2  3\n 4  5  6  7  8  9 10\n'],
  ["printf 'a\\nb\\nc\\n' > x; printf 'a\\nB\\nc\\n' > y; diff x y; echo $?", '--- x\n+++ y\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n1\n'],
])('%s', async (script, output) => {
  expect((await machine.exec(container, ['sh', '-c', `cd /tmp 2>/dev/null || mkdir /tmp && cd /tmp; ${script}`])).stdout).toBe(output)
})

it('words wrong options and missing things of the network programs and the like as busybox does', async () => {
  const errors = async (script: string): Promise<string> =>
    (await machine.exec(container, ['sh', '-c', `{ ${script}; } 2>&1 | head -1`])).stdout
  expect(await errors('sleep --nosuch')).toBe("sleep: invalid number '--nosuch'\n")
  expect(await errors('traceroute --nosuch')).toBe("traceroute: unrecognized option '--nosuch'\n")
  expect(await errors('telnet --nosuch')).toBe("telnet: unrecognized option '--nosuch'\n")
  expect(await errors('less --nosuch')).toBe("less: unrecognized option '--nosuch'\n")
  expect(await errors('ifconfig nosuch')).toBe('ifconfig: nosuch: error fetching interface information: Device not found\n')
  expect(await errors('ifconfig --nosuch')).toBe('ifconfig: --nosuch: error fetching interface information: Device not found\n')
})

it('times programs', async () => {
  const run = (...command: string[]) => machine.exec(container, command, { ms: 3000 })
  expect(await run('time', 'sleep', '1.5')).toEqual({ stdout: '', stderr: 'real\t0m 1.50s\nuser\t0m 0.00s\nsys\t0m 0.00s\n', code: 0 })
  expect(await run('time', '-p', 'true')).toMatchObject({ stderr: 'real 0.00\nuser 0.00\nsys 0.00\n' })
  expect(await run('time', 'nosuch')).toEqual({
    stdout: '',
    stderr:
      "time: can't execute 'nosuch': No such file or directory\nCommand exited with non-zero status 127\nreal\t0m 0.00s\nuser\t0m 0.00s\nsys\t0m 0.00s\n",
    code: 127,
  })
})

it('words a wrong option as the C library of the image does', async () => {
  const alpine = { ...busyboxImage, files: () => ({ ...busyboxImage.files(), '/etc/alpine-release': '3.20.0\n' }) }
  const m = await makeMachine({ images: { alpine } })
  const error = async (image: string): Promise<string> => (await m.exec(await m.start({ image }), ['ls', '-z'])).stderr.split('\n')[0]!
  expect(await error('busybox')).toBe("ls: invalid option -- 'z'")
  expect(await error('alpine')).toBe('ls: unrecognized option: z')
})

it('lists files in the columns of busybox', async () => {
  await machine.exec(container, ['sh', '-c', 'mkdir /ls; cd /ls; echo abc > f; ln -s f l'])
  expect((await machine.exec(container, ['ls', '-l', '/ls'])).stdout).toBe(
    'total 4\n-rw-r--r--    1 root     root             4 Nov 21 09:17 f\nlrwxrwxrwx    1 root     root             1 Nov 21 09:17 l -> f\n',
  )
})

it('comm of coreutils wants two files, no less and no more', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian' })
  const said = async (...args: string[]): Promise<string> => (await m.exec(id, ['comm', ...args])).stderr
  const advice = "Try 'comm --help' for more information.\n"
  expect(await said()).toBe(`comm: missing operand\n${advice}`)
  expect(await said('a')).toBe(`comm: missing operand after 'a'\n${advice}`)
  expect(await said('a', 'b', 'c')).toBe(`comm: extra operand 'c'\n${advice}`)
})

it('date of coreutils knows days of the week and steps, mktemp has ten letters, bash without PATH looks here', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian' })
  const said = async (script: string): Promise<string> => {
    const { stdout, stderr } = await m.exec(id, ['bash', '-c', script])
    return stdout + stderr
  }
  const today = new Date(m.clock.now()).toISOString().slice(0, 10)
  const dayOf = async (when: string): Promise<number> =>
    (Date.parse((await said(`date -u -d '${when}' +%F`)).trim()) - Date.parse(today)) / 86_400_000
  const own = (await said('date -u +%A')).trim()
  expect([
    await dayOf(own),
    await dayOf(`next ${own}`),
    await dayOf(`last ${own}`),
    await dayOf('next day'),
    await dayOf('last week'),
  ]).toEqual([0, 7, -7, 1, -7])
  expect(await said("date -u -d 'next monday' '+%a %T'")).toBe('Mon 00:00:00\n')
  expect(await said('mktemp')).toMatch(/^\/tmp\/tmp\.\w{10}\n$/)
  expect(await said('unset PATH; ls')).toBe('bash: line 1: ls: No such file or directory\n')
})

it('shows processes, memory, disks and uptime in the columns of procps and coreutils', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian', command: ['sleep', '1000'] })
  const head = async (script: string): Promise<string[]> => (await m.exec(id, ['sh', '-c', script])).stdout.split('\n')
  expect((await head('ps aux')).slice(0, 2)).toEqual([
    'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND',
    'root           1  0.0  0.0   1200   400 ?        Ss   09:17   0:00 sleep 1000',
  ])
  expect((await head('ps -ef')).slice(0, 2)).toEqual([
    'UID          PID    PPID  C STIME TTY          TIME CMD',
    'root           1       0  0 09:17 ?        00:00:00 sleep 1000',
  ])
  expect((await head('ps -e'))[0]).toBe('    PID TTY          TIME CMD')
  expect((await head('free -m'))[0]).toBe('               total        used        free      shared  buff/cache   available')
  expect((await head('df -h /'))[0]).toBe('Filesystem      Size  Used Avail Use% Mounted on')
  expect((await head('uptime'))[0]).toBe(' 09:17:00 up 1 min,  0 user,  load average: 0.00, 0.00, 0.00')
  expect((await head('top -bn1'))[0]).toBe('top - 09:17:00 up 1 min,  0 user,  load average: 0.00, 0.00, 0.00')
})

it('tar packs what there is, and says at its end that not all was there', async () => {
  const script = 'cd /tmp; tar -cf a.tar nosuch /nosuch /etc/hostname; echo $?; tar -tf a.tar'
  for (const [image, status, stderr] of [
    [
      'debian',
      2,
      "tar: nosuch: Cannot stat: No such file or directory\ntar: Removing leading `/' from member names\ntar: /nosuch: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n",
    ],
    [
      'busybox',
      1,
      "tar: nosuch: No such file or directory\ntar: /nosuch: No such file or directory\ntar: removing leading '/' from member names\ntar: error exit delayed from previous errors\n",
    ],
  ] as const)
    expect(await machine.exec(await machine.start({ image }), ['sh', '-c', script])).toEqual({
      stdout: `${status}\netc/hostname\n`,
      stderr,
      code: 0,
    })
})

describe('ps of procps', () => {
  const start = async (): Promise<(script: string) => Promise<string>> => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian', command: ['sh', '-c', 'sleep 100 & sleep 200; :'] })
    return async (script) => {
      const { stdout, stderr } = await m.exec(id, ['sh', '-c', script])
      return stdout + stderr
    }
  }

  it('has the forms that people know, by their letters', async () => {
    const run = await start()
    const heads: readonly (readonly [args: string, head: string])[] = [
      ['-eLf', 'UID          PID    PPID     LWP  C NLWP STIME TTY          TIME CMD'],
      ['-el', 'F S   UID     PID    PPID  C PRI  NI ADDR SZ WCHAN  TTY          TIME CMD'],
      ['-ely', 'S   UID     PID    PPID  C PRI  NI   RSS    SZ WCHAN  TTY          TIME CMD'],
      ['axjf', '   PPID     PID    PGID     SID TTY        TPGID STAT   UID   TIME COMMAND'],
      ['-ejH', '    PID    PGID     SID TTY          TIME CMD'],
      ['-F', 'UID          PID    PPID  C    SZ   RSS PSR STIME TTY          TIME CMD'],
      ['ax', '    PID TTY      STAT   TIME COMMAND'],
      ['-o user:12,pid,stat,lstart', 'USER             PID STAT                  STARTED'],
    ]
    for (const [args, head] of heads) expect((await run(`ps ${args}`)).split('\n')[0]).toBe(head)
  })

  it('chooses by name, parent and user, sorts, and draws who started whom', async () => {
    const run = await start()
    expect(await run('ps -C sleep -o args=; ps --no-headers --ppid 1 -o args --sort=-args; ps -C nosuch -o pid=; echo $?')).toBe(
      'sleep 100\nsleep 200\nsleep 200\nsleep 100\n1\n',
    )
    expect(await run('ps -N -C ps,sh -o comm=; ps h -u root -p 1 -o comm | grep -c sleep; ps 1 -o pid=')).toBe('sleep\nsleep\n2\n      1\n')
    expect((await run('ps -eo args --forest')).split('\n').slice(1, 4)).toEqual([
      'sh -c sleep 100 & sleep 200; :',
      ' \\_ sleep 100',
      ' \\_ sleep 200',
    ])
    const indented = (await run('ps -ejH')).split('\n').slice(1, 4)
    expect(indented.map((line) => line.slice(line.lastIndexOf(':') + 4))).toEqual(['sh', '  sleep', '  sleep'])
  })

  it('refuses what it does not know', async () => {
    const run = await start()
    for (const [args, why] of [
      ['-o zzz', 'unknown user-defined format specifier "zzz"'],
      ['-Q', 'unsupported SysV option'],
      ['--zzz', 'unknown gnu long option'],
      ['-p abc', 'process ID list syntax error'],
      ['-u nosuch', 'user name does not exist'],
      ['aux --sort=zzz', 'unknown sort specifier'],
    ])
      expect((await run(`ps ${args!}`)).split('\n')[0]).toBe(`error: ${why!}`)
  })
})

describe('pgrep and pkill', () => {
  it.each(['debian', 'busybox'])('of %s choose by parent, and kill nothing else', async (image) => {
    const m = await makeMachine()
    const id = await m.start({ image })
    const script =
      'sleep 70 & sleep 71 & [ "$(pgrep -P $$ sleep | wc -l)" = 2 ] && echo two; pkill -P $$ sleep; echo $?; wait; pgrep -x sleep'
    expect((await m.exec(id, ['sh', '-c', script], { ms: 1000 })).stdout).toBe('two\n0\n1\n')
  })

  it('want something to choose by', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    expect(await m.exec(id, ['pkill'])).toEqual({
      stdout: '',
      stderr: "pkill: no matching criteria specified\nTry `pkill --help' for more information.\n",
      code: 2,
    })
    expect((await m.exec(id, ['pgrep', '-c', 'sleep'])).stdout).toBe('1\n')
    expect((await m.exec(id, ['sh', '-c', 'sleep 70 & pgrep -d, -x sleep; pkill -e -P $$ sleep'], { ms: 100 })).stdout).toMatch(
      /^1,\d+\nsleep killed \(pid \d+\)\n$/,
    )
  })
})
