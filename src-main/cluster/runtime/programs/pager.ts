/** more and less. */
import type { OpenFile, Program } from '../process.js'
import { command, type Command, type Flavour } from './command.js'
import { openForReading, readAll } from './reading.js'

const LESS = {
  short: 'EFIMNmSRXrsgiJj:p:P:x:z:qefnKdLuUwW',
  long: {
    'no-init': 'X',
    'chop-long-lines': 'S',
    'line-numbers': 'N',
    'ignore-case': 'i',
    'raw-control-chars': 'R',
    'quit-if-one-screen': 'F',
  },
  usage: '[-EFIMmNSRh~] [FILE]...\n\nView FILE (or stdin) one screenful at a time',
}

/** less and more: a screen at a time on a terminal, everything otherwise. */
export function pager(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const { operands } = await c.options(
      LESS,
      c.task.argv.filter((a) => !a.startsWith('+')),
    )
    const out = c.task.fd(1)
    const { terminal } = c.task
    if (out?.kind !== 'tty' || !terminal) {
      for await (const { file } of c.inputs(operands)) await passOn(c, file)
      return c.status
    }
    let text = ''
    for await (const { file } of c.inputs(operands)) text += (await readAll(file)).toString('utf8')
    const lines = text.replace(/\n$/, '').split('\n')
    const keys = await openForReading(c.task, '/dev/tty')
    const modes = terminal.modes
    terminal.setModes({ icanon: false, echo: false })
    try {
      await page(c, lines, keys, operands[0] ?? '')
    } finally {
      if (!c.task.ended) {
        terminal.setModes(modes)
        await c.print('\x1b[r\x1b[K')
      }
      keys.close()
    }
    return 0
  })
}

/** What is shown to no terminal passes as it comes. */
async function passOn(c: Command, file: OpenFile): Promise<void> {
  for (let data = await file.read(65_536); data.length > 0; data = await file.read(65_536)) await c.print(data)
}

async function page(c: Command, lines: string[], keys: { read(max: number): Promise<Uint8Array> }, name: string): Promise<void> {
  let topLine = 0
  let search = ''
  for (;;) {
    const terminal = c.task.terminal!
    const rows = Math.max(1, terminal.rows - 1)
    const last = Math.max(0, lines.length - rows)
    topLine = Math.max(0, Math.min(topLine, last))
    const screen = lines.slice(topLine, topLine + rows).map((l) => l.slice(0, terminal.columns))
    while (screen.length < rows) screen.push('~')
    const status = topLine >= last ? '(END)' : name && topLine === 0 ? name : ':'
    await c.print(`\x1b[H\x1b[J${screen.join('\n')}\n\x1b[7m${status}\x1b[m`)
    const key = Buffer.from(await keys.read(16)).toString('latin1')
    if (key === '' || key === 'q' || key === 'Q' || key === '\x03') return
    if (key === ' ' || key === 'f' || key === '\x1b[6~' || key === '\x06') {
      if (c.name === 'more' && topLine >= last) return
      topLine += rows
    } else if (key === 'b' || key === '\x1b[5~' || key === '\x02') topLine -= rows
    else if (key === '\r' || key === '\n' || key === 'j' || key === '\x1b[B' || key === '\x1bOB') {
      if (c.name === 'more' && topLine >= last) return
      topLine++
    } else if (key === 'k' || key === '\x1b[A' || key === '\x1bOA') topLine--
    else if (key === 'g' || key === '<' || key === '\x1b[H') topLine = 0
    else if (key === 'G' || key === '>' || key === '\x1b[F') topLine = last
    else if (key === 'd') topLine += rows >> 1
    else if (key === 'u') topLine -= rows >> 1
    else if (key === '/' || key === 'n') {
      if (key === '/') search = await prompt(c, keys)
      const found = lines.findIndex((l, i) => i > topLine && search !== '' && l.includes(search))
      if (found >= 0) topLine = found
    }
  }
}

async function prompt(c: Command, keys: { read(max: number): Promise<Uint8Array> }): Promise<string> {
  let text = ''
  for (;;) {
    await c.print(`\r\x1b[K/${text}`)
    const key = Buffer.from(await keys.read(16)).toString('utf8')
    if (key === '\r' || key === '\n' || key === '') return text
    if (key === '\x7f') text = text.slice(0, -1)
    else if (key === '\x1b') return ''
    else text += key
  }
}
