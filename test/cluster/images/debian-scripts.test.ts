/** Programs of a Debian that are scripts, run by its shell: what the real ones print for the same files. */
import { beforeAll, expect, test } from 'vitest'
import { Machine, type Box } from './machine.js'

let box: Box
beforeAll(async () => {
  box = await new Machine().run('debian:bookworm', { command: ['sleep', '1000000'] })
  await box.exec(
    'sh',
    '-c',
    "mkdir /w; cd /w; printf 'one error\\ntwo fine\\nthree Error\\n' > a.log; printf 'last error\\n' > b.log; gzip -k a.log b.log; mkdir d; cp a.log d",
  )
})
const run = async (script: string): Promise<string> => {
  const { stdout, stderr, code } = await box.exec('sh', '-c', `cd /w; ${script}`)
  return `${stdout}${stderr}${code === 0 ? '' : `=> ${code}\n`}`
}

test('zgrep looks into compressed files and others, with the options of grep', async () => {
  expect(await run('zgrep error a.log.gz')).toBe('one error\n')
  expect(await run('zgrep -in error a.log.gz b.log')).toBe('a.log.gz:1:one error\na.log.gz:3:three Error\nb.log:1:last error\n')
  expect(await run('zgrep -c error a.log.gz b.log.gz; zgrep -l last *.gz; zgrep -h error *.gz')).toBe(
    'a.log.gz:1\nb.log.gz:1\nb.log.gz\none error\nlast error\n',
  )
  expect(await run("zegrep 'one|two' a.log.gz; zfgrep 'e E' a.log.gz; cat a.log.gz | zgrep -e fine")).toBe(
    'one error\ntwo fine\nthree Error\ntwo fine\n',
  )
  expect(await run('zgrep nothing a.log.gz')).toBe('=> 1\n')
  expect(await run('rgrep fine d')).toBe('d/a.log:two fine\n')
})

test('zless and zmore show, zcmp and zdiff compare what is compressed', async () => {
  expect(await run('zless a.log.gz b.log | tail -n 2; zmore b.log.gz')).toBe('three Error\nlast error\nlast error\n')
  expect(await run('zdiff a.log.gz a.log && zcmp a.log.gz && echo same; zdiff -q a.log.gz b.log.gz > /dev/null; echo $?')).toBe('same\n1\n')
})

test('service runs the scripts of /etc/init.d, and says what it does not know', async () => {
  expect(await run('service nothing status')).toBe('nothing: unrecognized service\n=> 1\n')
  await run("mkdir -p /etc/init.d; printf '#!/bin/sh\\necho did $1\\n' > /etc/init.d/web; chmod +x /etc/init.d/web")
  expect(await run('service web restart; service web --full-restart; service --status-all')).toBe(
    'did restart\ndid stop\ndid start\n [ + ]  web\n',
  )
})

test('whereis names the place of a program, rbash is there, and mesg finds no terminal', async () => {
  expect(await run('whereis ls nosuch; rbash -c "echo in"; mesg -v')).toBe('ls: /usr/bin/ls\nnosuch:\nin\nmesg: no tty\n=> 2\n')
})
