/** whereis and mesg of util-linux. */
import type { Program } from '../process.js'
import { command, Fail } from './command.js'

const BINARIES = ['/usr/bin', '/usr/sbin', '/usr/lib', '/bin', '/sbin', '/etc', '/usr/lib64', '/usr/local/bin', '/usr/local/sbin', '/usr/local/etc', '/usr/local/lib', '/usr/games', '/usr/include', '/usr/local', '/usr/libexec', '/usr/share'] // prettier-ignore
const MANUALS = '/usr/share/man'

/** Where the binary and the manual of a name are. */
export function whereis(): Program {
  return command('coreutils', async (c) => {
    const spec = { short: 'bmsulgB:M:S:f', usage: '[options] [-BMS <dir>... -f] <name>' }
    const o = await c.options(spec)
    if (o.has('l')) return void (await c.print(BINARIES.filter((path) => c.fs.exists(path)).map((path) => `bin: ${path}\n`).join(''))) // prettier-ignore
    if (o.operands.length === 0) throw new Fail("whereis: not enough arguments\nTry 'whereis --help' for more information.")
    const all = !o.has('b') && !o.has('m') && !o.has('s')
    for (const given of o.operands) {
      const name = given
        .split('/')
        .at(-1)!
        .replace(/\.[^.]*$/, '')
      const found = new Set<string>()
      if (all || o.has('b'))
        for (const directory of BINARIES) {
          if (!c.fs.exists(directory) || c.fs.realpath(directory) !== directory) continue
          for (const each of c.fs.readdir(directory)) if (each === name || each.startsWith(`${name}.`)) found.add(`${directory}/${each}`)
        }
      if ((all || o.has('m')) && c.fs.exists(MANUALS))
        for (const section of c.fs.readdir(MANUALS).filter((each) => /^man\d/.test(each)))
          for (const each of c.fs.readdir(`${MANUALS}/${section}`))
            if (each.startsWith(`${name}.`)) found.add(`${MANUALS}/${section}/${each}`)
      if (o.has('u') && found.size === 1) continue
      await c.print(`${name}:${[...found].map((path) => ` ${path}`).join('')}\n`)
    }
  })
}

/** Whether others may write to the terminal: the write bit of its group. */
export function mesg(): Program {
  return command('coreutils', async (c) => {
    const spec = { short: 'v', long: { verbose: 'v' }, usage: '[options] [y | n]' }
    const o = await c.options(spec)
    const tty = [0, 1, 2].map((fd) => c.task.fd(fd)).find((file) => file?.kind === 'tty')
    if (!tty || !c.task.terminal) {
      if (o.has('v')) await c.task.writeError('mesg: no tty\n')
      return 2
    }
    const path = `/dev/pts/${c.task.terminal.index}`
    const mode = c.fs.exists(path) ? c.fs.stat(path).mode : 0o620
    const [wish] = o.operands
    if (wish === undefined) {
      const open = (mode & 0o20) !== 0
      await c.print(`is ${open ? 'y' : 'n'}\n`)
      return open ? 0 : 1
    }
    if (!/^[yn]/.test(wish)) throw new Fail(`mesg: invalid argument: ${wish}`, 2)
    const open = wish.startsWith('y')
    c.fs.chmod(path, open ? mode | 0o20 : mode & ~0o22)
    if (o.has('v')) await c.print(`mesg: write access to your terminal is ${open ? 'allowed' : 'denied'}\n`)
    return open ? 0 : 1
  })
}
