/** passwd, chpasswd, chsh and chage of Debian's shadow. */
import type { Program } from '../../process.js'
import { askHidden, changeLine, encrypted, linesOf } from '../account-files.js'
import { users } from '../accounts.js'
import { command, Fail, type Command } from '../command.js'
import { formatTime } from '../strftime.js'
import { PASSWD, SHADOW, shadowOptions, today, usageOf, userNamed } from './common.js'

const METHOD = '$y$j9T$'

function ownName(c: Command): string {
  return users(c.fs).find((each) => each.id === c.task.uid)?.name ?? String(c.task.uid)
}

function fieldsOf(c: Command, name: string): string[] {
  return linesOf(c, SHADOW).find((line) => line.startsWith(`${name}:`))?.split(':') ?? [name, '!', String(today(c)), '0', '99999', '7', '', '', ''] // prettier-ignore
}

function setField(c: Command, name: string, at: number, edit: (old: string) => string, changed = true): void {
  changeLine(c, SHADOW, name, (f) =>
    f.map((value, i) => (i === at ? edit(value) : changed && i === 2 && at === 1 ? String(today(c)) : value)),
  )
}

const HOLDER = 1
const LAST_CHANGE = 2

export function passwd(): Program {
  return command('coreutils', async (c) => {
    const spec = {
      short: 'adehi:kln:qr:R:P:Suw:x:s',
      long: {
        all: 'a', delete: 'd', expire: 'e', 'inactive=': 'i', 'keep-tokens': 'k', lock: 'l', 'mindays=': 'n', quiet: 'q', status: 'S', unlock: 'u',
        'warndays=': 'w', 'maxdays=': 'x', stdin: 's',
      },
      usage: '[options] [LOGIN]',
    } // prettier-ignore
    const o = await shadowOptions(c, spec)
    const own = ownName(c)
    const name = o.operands[0] ?? own
    userNamed(c, name)
    if (c.task.uid !== 0 && name !== own) throw new Fail(`passwd: You may not view or modify password information for ${name}.`)
    if (o.has('S')) {
      const [, hash = '', changed, least, most, warn, inactive] = fieldsOf(c, name)
      const state = hash === '' ? 'NP' : /^[!*]/.test(hash) ? 'L' : 'P'
      const day = formatTime('%Y-%m-%d', Number(changed) * 86_400_000)
      return void (await c.print(`${name} ${state} ${day} ${least} ${most} ${warn} ${inactive || -1}\n`))
    }
    const edits: [letter: string, at: number, edit: (old: string) => string][] = [
      ['d', HOLDER, () => ''],
      ['l', HOLDER, (old) => `!${old.replace(/^!/, '')}`],
      ['u', HOLDER, (old) => old.replace(/^!(?=.)/, '')],
      ['e', LAST_CHANGE, () => '0'],
      ['n', 3, () => o.get('n')!],
      ['x', 4, () => o.get('x')!],
      ['w', 5, () => o.get('w')!],
      ['i', 6, () => o.get('i')!],
    ]
    const wanted = edits.filter(([letter]) => o.has(letter))
    if (wanted.length > 0) {
      if (c.task.uid !== 0) throw new Fail('passwd: Permission denied.')
      for (const [letter, at, edit] of wanted) setField(c, name, at, edit, letter === 'd')
      if (!o.has('q')) await c.print('passwd: password changed.\n')
      return
    }
    const failed = (why: string): Fail => new Fail(`${why}passwd: Authentication token manipulation error\npasswd: password unchanged`, 10)
    if (c.task.uid !== 0) {
      await c.print(`Changing password for ${name}.\n`)
      await askHidden(c, 'Current password: ', false)
      throw failed('')
    }
    const password = await askHidden(c, 'New password: ', false)
    if (password === '') throw failed('No password has been supplied.\n')
    if ((await askHidden(c, 'Retype new password: ', false)) !== password) throw failed('Sorry, passwords do not match.\n')
    setField(c, name, HOLDER, () => encrypted(c, password, METHOD))
    await c.task.writeError('passwd: password updated successfully\n')
  })
}

export function chpasswd(): Program {
  return command('coreutils', async (c) => {
    const o = await shadowOptions(c, {
      short: 'c:ehms:R:',
      long: { 'crypt-method=': 'c', encrypted: 'e', md5: 'm', 'sha-rounds=': 's', 'root=': 'R' },
      usage: '[options]',
    })
    if (c.task.uid !== 0) throw new Fail('chpasswd: Permission denied.')
    for (let number = 1, line = await c.task.readLine(); line !== undefined; number++, line = await c.task.readLine()) {
      const at = line.indexOf(':')
      if (at < 0) {
        await c.warn(`line ${number}: missing new password`)
        continue
      }
      const [name, password] = [line.slice(0, at), line.slice(at + 1)]
      if (users(c.fs).some((each) => each.name === name)) setField(c, name, HOLDER, () => (o.has('e') ? password : encrypted(c, password, METHOD)))
      else await c.warn(`(user ${name}) pam_chauthtok() failed, error:\nAuthentication token manipulation error\nchpasswd: (line ${number}, user ${name}) password not changed`) // prettier-ignore
    }
  })
}

export function chsh(): Program {
  return command('coreutils', async (c) => {
    const spec = { short: 'hs:', long: { 'shell=': 's' }, usage: '[options] [LOGIN]' }
    const o = await shadowOptions(c, spec)
    const own = ownName(c)
    const name = o.operands[0] ?? own
    const user = userNamed(c, name)
    const old = linesOf(c, PASSWD)
      .find((line) => line.startsWith(`${name}:`))!
      .split(':')[6]!
    if (c.task.uid !== 0) {
      if (user.id !== c.task.uid) throw new Fail(`chsh: You may not change the shell for '${name}'.`)
      await askHidden(c, 'Password: ', false)
      throw new Fail('chsh: PAM: Authentication failure')
    }
    let shell = o.get('s')
    if (shell === undefined) {
      await c.print(`Changing the login shell for ${name}\nEnter the new value, or press ENTER for the default\n\tLogin Shell [${old}]: `)
      shell = (await c.task.readLine())?.trim() || old
    }
    if (!shell.startsWith('/')) throw new Fail(`chsh: Invalid entry: ${shell}`)
    if (!c.fs.exists(shell)) await c.task.writeError(`chsh: Warning: ${shell} does not exist\n`)
    changeLine(c, PASSWD, name, (f) => [...f.slice(0, 6), shell])
  })
}

/** The fields of /etc/shadow that chage changes, by option. */
const AGES = { d: 2, m: 3, M: 4, W: 5, I: 6, E: 7 } as const

export function chage(): Program {
  return command('coreutils', async (c) => {
    const spec = {
      short: 'd:E:hiI:lm:M:R:W:',
      long: {
        'lastday=': 'd',
        'expiredate=': 'E',
        iso8601: 'i',
        'inactive=': 'I',
        list: 'l',
        'mindays=': 'm',
        'maxdays=': 'M',
        'warndays=': 'W',
      },
      usage: '[options] LOGIN',
    }
    const o = await shadowOptions(c, spec)
    const [name] = o.operands
    if (name === undefined) throw new Fail(usageOf(c, spec), 2)
    userNamed(c, name)
    if (!o.has('l') && c.task.uid !== 0) throw new Fail('chage: Permission denied.')
    for (const [letter, at] of Object.entries(AGES)) {
      const text = o.get(letter)
      if (text === undefined) continue
      const days = /^\d{4}-\d\d-\d\d$/.test(text) ? String(Date.parse(text) / 86_400_000) : text === '-1' ? '' : text
      if (!/^\d*$/.test(days))
        throw new Fail(letter === 'd' || letter === 'E' ? `chage: invalid date '${text}'` : `chage: invalid numeric argument '${text}'`, 2)
      setField(c, name, at, () => days)
    }
    if (!o.has('l')) return
    const [, , changed = '', least = '', most = '', warn = '', inactive = '', expires = ''] = fieldsOf(c, name)
    const day = (text: string): string =>
      text === '' ? 'never' : formatTime(o.has('i') ? '%Y-%m-%d' : '%b %d, %Y', Number(text) * 86_400_000)
    const end = most === '' || Number(most) >= 10_000 ? '' : String(Number(changed) + Number(most))
    const must = 'password must be changed'
    const rows: [title: string, value: string][] = [
      ['Last password change\t\t\t\t\t', changed === '0' ? must : day(changed)],
      ['Password expires\t\t\t\t\t', changed === '0' ? must : day(end)],
      [
        'Password inactive\t\t\t\t\t',
        changed === '0' ? must : end === '' || inactive === '' ? 'never' : day(String(Number(end) + Number(inactive))),
      ],
      ['Account expires\t\t\t\t\t\t', day(expires)],
      ['Minimum number of days between password change\t\t', least || '-1'],
      ['Maximum number of days between password change\t\t', most || '-1'],
      ['Number of days of warning before password expires\t', warn || '-1'],
    ]
    await c.print(rows.map(([title, value]) => `${title}: ${value}\n`).join(''))
  })
}
