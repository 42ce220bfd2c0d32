/** htpasswd: files of users and hashes of their passwords. */
import { createHash } from 'node:crypto'
import { command, Fail } from '../../programs/command.js'
import { md5crypt } from '../ingress-nginx/htpasswd.js'
import type { Program } from '../../process.js'

const USAGE = `Usage:
	htpasswd [-cimB25dpsDv] [-C cost] [-r rounds] passwordfile username
	htpasswd -b[cmB25dpsDv] [-C cost] [-r rounds] passwordfile username password

	htpasswd -n[imB25dps] [-C cost] [-r rounds] username
	htpasswd -nb[mB25dps] [-C cost] [-r rounds] username password`

const SALT = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function htpasswd(): Program {
  return command('coreutils', async (c) => {
    const words = c.task.argv.slice(1)
    const letters = new Set(words.flatMap((word) => (word.startsWith('-') ? Array.from(word.slice(1)) : [])))
    const operands = words.filter((word) => !word.startsWith('-'))
    const shows = letters.has('n')
    const [file, user, given] = shows ? [undefined, ...operands] : operands
    const wanted = (shows ? 1 : 2) + (letters.has('b') ? 1 : 0)
    if (operands.length !== wanted || user === undefined || (shows && letters.has('c'))) throw new Fail(USAGE, 2)
    if (letters.has('B') || letters.has('d') || letters.has('2') || letters.has('5'))
      throw new Fail('htpasswd: algorithm not supported on this platform', 7)
    if (user.includes(':')) throw new Fail("htpasswd: username contains illegal character ':'", 6)
    const old = file === undefined || letters.has('c') ? [] : read(file)
    if (letters.has('D')) {
      if (!old.some((line) => line.startsWith(`${user}:`))) throw new Fail(`User ${user} not found`, 0)
      c.fs.writeFile(file!, old.filter((line) => !line.startsWith(`${user}:`)).map((line) => `${line}\n`).join('')) // prettier-ignore
      return void (await c.task.writeError(`Deleting password for user ${user}\n`))
    }
    const password = given ?? (await c.task.readLine()) ?? ''
    const salt = Array.from({ length: 8 }, () => SALT[c.task.random.int(64)]).join('')
    const hash = letters.has('s')
      ? `{SHA}${createHash('sha1').update(password).digest('base64')}`
      : letters.has('p')
        ? password
        : md5crypt(password, salt)
    const line = `${user}:${hash}`
    if (shows) return void (await c.print(`${line}\n\n`))
    const at = old.findIndex((each) => each.startsWith(`${user}:`))
    if (at < 0) old.push(line)
    else old[at] = line
    c.fs.writeFile(file!, old.map((each) => `${each}\n`).join(''))
    await c.task.writeError(`${at < 0 ? 'Adding' : 'Updating'} password for user ${user}\n`)

    function read(path: string): string[] {
      if (!c.fs.exists(path)) throw new Fail(`htpasswd: cannot modify file ${path}; use '-c' to create it`, 1)
      return c.fs.readText(path).split('\n').filter((each) => each !== '') // prettier-ignore
    }
  })
}
