/** clear, reset and stty: the terminal itself. */
import type { Program } from '../process.js'
import { command, Fail, type Flavour } from './command.js'

export function clear(): Program {
  return command('busybox', (c) => c.print('\x1b[H\x1b[J'))
}

export function reset(): Program {
  return command('busybox', (c) => c.print('\x1bc\x1b[m\x1b[J\x1b[?25h'))
}

export function stty(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const { terminal } = c.task
    if (c.task.fd(0)?.kind !== 'tty' || !terminal)
      throw new Fail(
        c.busybox ? 'stty: standard input: Inappropriate ioctl for device' : "stty: 'standard input': Inappropriate ioctl for device",
      )
    const args = c.task.argv.slice(1)
    const flag = (name: keyof typeof terminal.modes): string => (terminal.modes[name] ? name : `-${name}`)
    if (args.length === 0 || args[0] === '-a') {
      await c.print(`speed 38400 baud; ${args[0] === '-a' ? `rows ${terminal.rows}; columns ${terminal.columns}; ` : ''}line = 0;\n`)
      if (args[0] === '-a')
        await c.print(
          'intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; start = ^Q; stop = ^S; susp = ^Z; werase = ^W; lnext = ^V;\n',
        )
      await c.print(
        `${flag('icrnl')} ${flag('ixon')} ${flag('opost')} ${flag('onlcr')}\n${flag('isig')} ${flag('icanon')} ${flag('echo')}\n`,
      )
      return 0
    }
    if (args[0] === 'size') {
      await c.print(`${terminal.rows} ${terminal.columns}\n`)
      return 0
    }
    for (let i = 0; i < args.length; i++) {
      const a = args[i]!
      if (a === 'raw') terminal.setModes({ icanon: false, isig: false, icrnl: false, opost: false, ixon: false })
      else if (a === 'sane' || a === 'cooked' || a === '-raw')
        terminal.setModes({ icanon: true, isig: true, icrnl: true, opost: true, onlcr: true, echo: true, ixon: true })
      else if (a === 'cbreak') terminal.setModes({ icanon: false })
      else if (a === 'rows' || a === 'cols' || a === 'columns') {
        const n = Number(args[++i])
        terminal.resize(a === 'rows' ? terminal.columns : n, a === 'rows' ? n : terminal.rows)
      } else if (/^-?(icanon|echo|isig|icrnl|opost|onlcr|ixon)$/.test(a)) terminal.setModes({ [a.replace('-', '')]: !a.startsWith('-') })
      else if (a === 'erase' || a === 'intr' || a === 'min' || a === 'time') i++
      else if (!/^-?(echoe|echok|iexten|ixoff|brkint|istrip)$/.test(a)) throw new Fail(`stty: invalid argument '${a}'`)
    }
    return 0
  })
}
