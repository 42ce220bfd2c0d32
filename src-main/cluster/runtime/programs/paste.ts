/** paste: lines of files beside each other, or those of one file in a row (paste(1)). */
import type { Program } from '../process.js'
import { command, Fail, type Flavour } from './command.js'
import { openForReading, printLines, readLines } from './reading.js'

const SPEC = {
  short: 'd:sz',
  long: { 'delimiters=': 'd', serial: 's', 'zero-terminated': 'z' },
  usage: '[-d LIST] [-s] [FILE]...\n\nPaste lines from each input file together',
}

const ESCAPES: Readonly<Record<string, string>> = { 0: '', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

/** What stands between the columns, one after the other: characters, or escapes; `\0` is nothing. Throws Fail. */
function delimitersOf(list: string): string[] {
  const found: string[] = []
  for (let i = 0; i < list.length; i++) {
    if (list[i] !== '\\') found.push(list[i]!)
    else if (++i < list.length) found.push(ESCAPES[list[i]!] ?? list[i]!)
    else throw new Fail(`paste: delimiter list ends with an unescaped backslash: ${list}`)
  }
  return found.length > 0 ? found : ['']
}

export function paste(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    const delimiters = delimitersOf(Buffer.from(o.get('d') ?? '\t').toString('latin1'))
    const end = o.has('z') && !c.busybox ? '\0' : '\n'
    const columns: string[][] = []
    const names = o.operands.length > 0 ? o.operands : ['-']
    const dashes = names.filter((n) => n === '-').length
    let standard: string[] | undefined
    for (const name of names) {
      if (name === '-') {
        standard ??= await readLines(c.task.fd(0)!, 'latin1', end.charCodeAt(0))
        columns.push(standard)
        continue
      }
      try {
        const file = await openForReading(c.task, name)
        columns.push(await readLines(file, 'latin1', end.charCodeAt(0)))
        file.close()
      } catch (error) {
        await c.openFailed(name, error)
        // In a row, the others follow.
        if (!o.has('s')) return c.status
      }
    }
    const join = (parts: string[]): string =>
      parts.reduce((all, p, i) => all + (i > 0 ? delimiters[(i - 1) % delimiters.length]! : '') + p, '')
    if (o.has('s')) {
      await printLines(c, columns.map(join), 'latin1', end)
      return c.status
    }
    // Several dashes take turns at the lines of standard input.
    if (dashes > 1 && standard) {
      let seen = 0
      columns.forEach((column, i) => {
        if (column !== standard) return
        const mine = seen++
        columns[i] = standard!.filter((_, n) => n % dashes === mine)
      })
    }
    const rows = columns.reduce((most, each) => Math.max(most, each.length), 0)
    const lines = Array.from({ length: rows }, (_, r) => join(columns.map((x) => x[r] ?? '')))
    if (rows > 0) await printLines(c, lines, 'latin1', end)
    return c.status
  })
}
