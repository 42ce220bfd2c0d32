/** Programs of containers that try to take the simulator with them. */
import { describe, expect, it } from 'vitest'
import { boundedRegExp, isDoubtful, RegexTimeout } from '../../../src-main/cluster/runtime/programs/guarded-regexp.js'
import { Pattern } from '../../../src-main/cluster/runtime/shell/pattern.js'
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
  })
})

describe('a shell pattern', () => {
  it('with many stars is matched in little time', () => {
    expect(new Pattern('*a*a*a*a*a*a*a*a*a*a*b').matches('a'.repeat(5000))).toBe(false)
  })
})

describe('a script', () => {
  it('that doubles a variable for ever ends for lack of memory', async () => {
    const m = await makeMachine()
    const id = await m.start()
    expect(await m.exec(id, ['sh', '-c', 'x=a; while :; do x=$x$x; done'], { ms: 5000 })).toEqual({
      stdout: '',
      stderr: 'sh: x: out of memory\n',
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
