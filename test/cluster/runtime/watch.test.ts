/** watch, pgrep and pkill: what their options do. */
import { describe, expect, it } from 'vitest'
import { makeMachine, openTerminal } from './machine.js'

const screens = (text: string): string[] => text.split('\x1b[H\x1b[J').slice(1)

async function watching(options: string, image = 'debian', ms = 5000): Promise<{ screens: string[]; text: string }> {
  const m = await makeMachine()
  const id = await m.start({ image })
  const t = await openTerminal(m, id, ['sh', '-c', `echo 0 > /tmp/n; ${options}; echo "ended $?"`])
  await t.type('', ms)
  return { screens: screens(t.output.replaceAll('\r', '')), text: t.output }
}
const COUNT = 'n=$(cat /tmp/n); echo "count $n"; echo $((n+1)) > /tmp/n'

describe('watch', () => {
  it('shows under a line of its own what the program prints, each time anew', async () => {
    const { screens: [first, second, third, none] } = await watching(`watch '${COUNT}'`) // prettier-ignore
    const date = 'web: Sat Nov 21 09:17:0'
    expect(first).toBe(`Every 2.0s: n=$(cat /tmp/n); echo "count $n"; e... ${date}0 2026\n\ncount 0\n`)
    expect(second!.endsWith('2 2026\n\ncount 1\n')).toBe(true)
    expect(third!.endsWith('4 2026\n\ncount 2\n')).toBe(true)
    expect(none).toBeUndefined()
  })

  it('shows of busybox the time as that one does', async () => {
    const { screens: [first] } = await watching('watch -n 1 echo hi', 'busybox') // prettier-ignore
    expect(first).toBe(`Every 1.0s: echo hi${' '.repeat(42)}2026-11-21 09:17:00\n\nhi\n`)
  })

  it('leaves the title out, marks what changed, and takes the words as a program', async () => {
    expect((await watching(`watch -t -n 1 -d '${COUNT}'`, 'debian', 1500)).screens).toEqual(['count 0\n', 'count \x1b[7m1\x1b[27m\n'])
    expect((await watching("watch -t -x printf '%s;' 'a  b' c", 'debian', 500)).screens).toEqual(['a  b;c;'])
  })

  it('ends when the output changes, when it did not for so many times, and when the program fails', async () => {
    expect((await watching(`watch -t -g -n 1 '${COUNT}'`)).screens).toEqual(['count 0\n', 'count 1\nended 0\n'])
    expect((await watching('watch -t -q 2 -n 1 echo same')).screens).toEqual(['same\n', 'same\n', 'same\nended 0\n'])
    const m = await makeMachine()
    const t = await openTerminal(m, await m.start({ image: 'debian' }), ['sh', '-c', 'watch -t -e "echo no; false"; echo "ended $?"'])
    expect(t.take()).toBe('\x1b[H\x1b[Jno\r\n\r\ncommand exit with a non-zero status, press a key to exit')
    expect(await t.type('q\r')).toContain('ended 8')
  })

  it('shows as much as the screen has room for, wrapped or cut', async () => {
    const [tall] = (await watching('watch -n 9 seq 50')).screens
    expect(tall!.trimEnd().split('\n').at(-1)).toBe('22')
    const long = "watch -t -n 9 'printf %0100d 7; echo; echo end'"
    expect((await watching(long, 'debian', 500)).screens).toEqual([`${'0'.repeat(80)}\n${'0'.repeat(19)}7\nend\n`])
    expect((await watching(long.replace('-t', '-t -w'), 'debian', 500)).screens).toEqual([`${'0'.repeat(80)}\nend\n`])
    expect((await watching('watch -t -n 9 \'printf "\\033[31mred\\033[0m\\n"\'', 'debian', 500)).screens).toEqual(['red\n'])
    expect((await watching('watch -t -c -n 9 \'printf "\\033[31mred\\033[0m\\n"\'', 'debian', 500)).screens).toEqual([
      '\x1b[31mred\x1b[0m\n',
    ])
  })

  it('refuses what is no interval', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    expect(await m.exec(id, ['watch', '-n', 'x', 'date'])).toEqual({
      stdout: '',
      stderr: "watch: failed to parse argument: 'x': Invalid argument\n",
      code: 1,
    })
    expect((await m.exec(id, ['sh', '-c', 'watch -V; pgrep -V; flock -V; taskset -V'])).stdout).toBe(
      'watch from procps-ng 4.0.2\npgrep from procps-ng 4.0.2\nflock from util-linux 2.38.1\ntaskset from util-linux 2.38.1\n',
    )
  })
})

describe('pgrep and pkill', () => {
  it('choose by age, by a file with a number, by state, and leave their ancestors out', async () => {
    const m = await makeMachine()
    const id = await m.start({ image: 'debian' })
    const run = (script: string) => m.exec(id, ['sh', '-c', script], { ms: 9000 })
    expect(
      (
        await run(
          'sleep 901 & a=$!; sleep 3; sleep 902 & b=$!; [ "$(pgrep -O 2 -x sleep | tail -n 1)" = $a ] && echo older; echo $b > /tmp/p; [ "$(pgrep -F /tmp/p)" = $b ] && echo filed; kill -STOP $b; [ "$(pgrep --runstates T sleep)" = $b ] && echo stopped; pgrep --list-full --newest "sleep" | cut -d" " -f2-; pgrep -A -c "sh$"; pkill --signal KILL --echo -F /tmp/p | cut -c1-12; kill $a; pgrep -F /nosuch; echo $?',
        )
      ).stdout,
    ).toBe('older\nfiled\nstopped\nsleep 902\n0\nsleep killed\n1\n')
    expect((await run('pkill --signal NOPE x')).stderr).toBe('pkill: Unknown signal "NOPE".\nTry `pkill --help\' for more information.\n')
  })
})
