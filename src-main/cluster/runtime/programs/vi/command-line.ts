/** vi's command line: `:w`, `:%s/a/b/g`, `:10,20d` and the others. */
import { makePipe } from '../../pipe.js'
import { Handle } from '../../open-file.js'
import { SystemError } from '../../process.js'
import { readAll } from '../reading.js'
import { CommandKeys } from './command-keys.js'
import { indentOf } from './motions.js'

/** The commands by what they may be called. */
const NAMES: readonly (readonly [name: string, shortest: number])[] = [
  ['wqall', 3], ['wq', 2], ['wall', 2], ['write', 1], ['xit', 1], ['xall', 2], ['quitall', 5], ['qall', 2], ['quit', 1], ['edit', 1], ['read', 1], ['set', 2], ['delete', 1], ['yank', 1], ['put', 2],
  ['global', 1], ['vglobal', 1], ['substitute', 1], ['move', 1], ['copy', 2], ['t', 1], ['join', 1], ['undo', 1], ['redo', 3], ['file', 1], ['features', 8], ['nohlsearch', 3], ['noh', 3], ['syntax', 3], ['version', 2], ['mark', 2], ['k', 1], ['normal', 4],
] // prettier-ignore

function nameOf(text: string): string | undefined {
  return NAMES.find(([name, shortest]) => text.length >= shortest && name.startsWith(text))?.[0]
}

export abstract class CommandLine extends CommandKeys {
  /** The lines that a range names, from 0; undefined for one that there is not. */
  private range(text: string): { from: number; to: number; rest: string; given: boolean } | undefined {
    const last = this.lines.length - 1
    let rest = text
    const spots: number[] = []
    if (rest.startsWith('%')) return { from: 0, to: last, rest: rest.slice(1), given: true }
    for (;;) {
      const m = /^(?:(\d+)|(\.)|(\$)|'(.)|\/([^/]*)\/?|\?([^?]*)\??)?((?:[-+]\d*)*)/.exec(rest)!
      if (m[0] === '') {
        if (spots.length === 0 || !rest.startsWith(',')) break
      }
      let at = this.row
      if (m[1] !== undefined) at = Number(m[1]) - 1
      else if (m[3] !== undefined) at = last
      else if (m[4] !== undefined) {
        const mark = this.marks.get(m[4])
        if (!mark) {
          this.status = 'Mark not set'
          return undefined
        }
        at = mark.row
      } else if (m[5] !== undefined || m[6] !== undefined) {
        this.search = m[5] || m[6] || this.search
        const found = this.found(m[5] === undefined ? -1 : 1, 1, true)
        if (!found) return undefined
        at = found.row
      }
      for (const [, sign, n] of m[7]!.matchAll(/([-+])(\d*)/g)) at += (sign === '+' ? 1 : -1) * Number(n || 1)
      spots.push(at)
      rest = rest.slice(m[0].length)
      if (!rest.startsWith(',') && !rest.startsWith(';')) break
      rest = rest.slice(1)
    }
    const to = spots.at(-1) ?? this.row
    const from = spots.at(-2) ?? to
    if (from < (spots.length === 1 ? -1 : 0) || to > last + (spots.length === 1 ? MOST : 0) || from > to) {
      this.status = 'Invalid range'
      return undefined
    }
    return { from, to: Math.min(to, last), rest: rest.trimStart(), given: spots.length > 0 }
  }

  protected async ex(line: string): Promise<void> {
    const text = line.replace(/^[:\s]+/, '').trimEnd()
    if (text === '' || text.startsWith('"')) return
    if (text.startsWith('!')) return this.outside(text.slice(1))
    const range = this.range(text)
    if (!range) return
    const { from, to, rest, given } = range
    if (rest === '') {
      this.row = to
      this.column = indentOf(this.line)
      return
    }
    if (/^[<>]+$/.test(rest)) {
      this.remember()
      for (const way of rest) this.shift(way, from, to)
      return
    }
    if (rest === '=') {
      this.status = String(given ? to + 1 : this.lines.length)
      return
    }
    if (/^(s|&)($|[^a-z])/.test(rest)) return this.substitute(from, to, rest)
    if (rest.startsWith('!')) return this.filter(from, to, rest.slice(1))
    const m = /^([a-z]+)(!?)\s*(.*)$/.exec(rest)
    const name = m && nameOf(m[1]!)
    if (!m || !name) {
      this.status = `':${text}' is not implemented`
      return
    }
    // `:r!ls` and `:w!ls` run a command.
    const runs = m[2] === '!' && name === 'read'
    const lines = name === 'read' || name === 'put' ? { from, to, given } : { from: Math.max(0, from), to: Math.max(0, to), given }
    await this.command(name, m[2] === '!' && !runs, runs ? `!${m[3]}` : m[3]!, lines)
  }

  private async command(
    name: string,
    force: boolean,
    argument: string,
    range: { from: number; to: number; given: boolean },
  ): Promise<void> {
    const { from, to, given } = range
    const unsaved = 'No write since last change'
    switch (name) {
      case 'write':
      case 'wall': // prettier-ignore
        if (argument.startsWith('!')) return this.outside(argument.slice(1), this.lines.slice(given ? from : 0, given ? to + 1 : undefined))
        if (argument.startsWith('>>')) {
          const other = argument.slice(2).trim()
          const old = this.c.fs.exists(other) ? this.c.fs.readText(other).replace(/\n$/, '').split('\n') : []
          this.save(other, [...old, ...(given ? this.lines.slice(from, to + 1) : this.lines)], force)
        } else this.save(argument || undefined, given ? this.lines.slice(from, to + 1) : this.lines, force)
        return
      case 'wq':
      case 'wqall':
      case 'xit':
      case 'xall': // prettier-ignore
        if ((name.startsWith('x') && !this.changed) || this.save(argument || undefined, this.lines, force)) this.finished = true
        return
      case 'quit':
      case 'qall':
      case 'quitall': // prettier-ignore
        if (this.changed && !force) this.status = `${unsaved} (:${name === 'quit' ? 'q' : 'qa'}! overrides)`
        else this.finished = true
        return
      case 'edit':
        if (this.changed && !force) this.status = `${unsaved} (:e! overrides)`
        else {
          this.path = argument || this.path
          this.lines = ['']
          this.row = this.column = 0
          this.changed = false
          this.load()
        }
        return
      case 'read':
        return this.readIn(argument, given ? to : this.row)
      case 'set':
        this.set(argument)
        return
      case 'delete':
      case 'yank': // prettier-ignore
        if (name === 'delete') this.remember()
        this.takeLines(from, to, name === 'delete')
        return
      case 'put':
        this.row = to
        this.put(!force, 1)
        return
      case 'global':
      case 'vglobal': // prettier-ignore
        return this.global(name === 'vglobal' || force, argument, given ? from : 0, given ? to : this.lines.length - 1)
      case 'move':
      case 'copy':
      case 't': {
        // prettier-ignore
        const target = argument === '0' ? { to: -1 } : this.range(argument)
        if (!target) return
        this.remember()
        const block = this.lines.slice(from, to + 1)
        let at = target.to + 1
        if (name === 'move') {
          this.lines.splice(from, block.length)
          if (at > to) at -= block.length
        }
        this.lines.splice(at, 0, ...block)
        this.row = at + block.length - 1
        this.changed = true
        return
      }
      case 'join':
        this.remember()
        for (let i = from; i < Math.max(to, from + 1); i++) this.joinLines(from)
        this.row = from
        return
      case 'undo':
        this.undo()
        return
      case 'redo':
        this.redo()
        return
      case 'file':
        if (argument !== '') this.path = argument
        this.status = this.info()
        return
      case 'mark':
      case 'k': // prettier-ignore
        this.marks.set(argument, { row: to, column: 0 })
        return
      case 'version':
        this.status = this.c.busybox ? 'BusyBox v1.36.1' : 'VIM - Vi IMproved 9.0'
        return
      default:
    }
  }

  private async readIn(argument: string, after: number): Promise<void> {
    let text: string
    if (argument.startsWith('!')) text = await this.output(argument.slice(1), undefined)
    else {
      try {
        text = this.c.fs.readText(argument || (this.path ?? ''))
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        this.status = `'${argument}' ${error.message}`
        return
      }
    }
    this.remember()
    const added = text.replace(/\n$/, '').split('\n')
    this.lines.splice(after + 1, 0, ...added)
    this.row = after + 1
    this.changed = true
    this.status = `'${argument}' ${added.length}L, ${Buffer.byteLength(text)}C`
  }

  private set(argument: string): void {
    const s = this.settings
    if (argument === '' || argument === 'all') {
      this.status = `${s.autoindent ? '' : 'no'}autoindent ${s.expandtab ? '' : 'no'}expandtab ${s.ignoreCase ? '' : 'no'}ignorecase ${s.number ? '' : 'no'}number shiftwidth=${s.shiftwidth} tabstop=${s.tabstop}`
      return
    }
    for (const word of argument.split(/\s+/)) {
      const [, no, name, , value] = /^(no)?([a-z]+)(=(\d+))?$/.exec(word) ?? []
      const on = no === undefined
      if (name === 'nu' || name === 'number') s.number = on
      else if (name === 'ic' || name === 'ignorecase') s.ignoreCase = on
      else if (name === 'ai' || name === 'autoindent') s.autoindent = on
      else if (name === 'et' || name === 'expandtab') s.expandtab = on
      else if (name === 'li' || name === 'list') s.list = on
      else if ((name === 'ts' || name === 'tabstop') && value) s.tabstop = Math.max(1, Math.min(32, Number(value)))
      else if ((name === 'sw' || name === 'shiftwidth') && value) s.shiftwidth = Math.max(1, Math.min(32, Number(value)))
      else if (name === undefined || !OTHER_SETTINGS.has(name))
        this.status = this.c.busybox ? `bad option: ${word}` : `E518: Unknown option: ${word}`
    }
  }

  private lastSubstitution: { pattern: string; to: string; flags: string } | undefined

  private substitute(from: number, to: number, text: string): void {
    const delimiter = text[1] ?? ''
    if (text.startsWith('s') && delimiter !== '' && !/\s/.test(delimiter)) {
      const parts: string[] = ['']
      for (let i = 2; i < text.length; i++) {
        if (text[i] === '\\' && i + 1 < text.length)
          parts[parts.length - 1] += text[i + 1] === delimiter ? text[++i]! : text[i]! + text[++i]!
        else if (text[i] === delimiter && parts.length < 3) parts.push('')
        else parts[parts.length - 1] += text[i]!
      }
      this.lastSubstitution = { pattern: parts[0] || this.search, to: parts[1] ?? '', flags: parts[2] ?? '' }
    }
    if (!this.lastSubstitution) {
      this.status = 'No previous substitution'
      return
    }
    const { pattern, to: replacement, flags } = this.lastSubstitution
    const regex = this.pattern(pattern)
    if (!regex) return
    this.search = pattern
    const use = new RegExp(regex.source, `${flags.includes('g') ? 'g' : ''}${flags.includes('i') || regex.flags.includes('i') ? 'i' : ''}`)
    this.remember()
    let [count, changed] = [0, 0]
    for (let row = from, end = to; row <= end; row++) {
      const before = this.lines[row]!
      let here = 0
      const after = before.replace(use, (...m) => {
        here++
        return filled(replacement, m as string[])
      })
      if (here === 0) continue
      count += here
      changed++
      const made = after.split('\n')
      this.lines.splice(row, 1, ...made)
      row += made.length - 1
      end += made.length - 1
      this.row = row
    }
    this.column = 0
    if (count > 0) this.changed = true
    this.status = count > 0 ? `${count} substitutions${changed > 1 ? ` on ${changed} lines` : ''}` : 'No match'
  }

  /** `:g/pattern/command`. */
  private async global(inverse: boolean, text: string, from: number, to: number): Promise<void> {
    const delimiter = text[0]
    const end = delimiter === undefined ? -1 : text.indexOf(delimiter, 1)
    const regex = delimiter === undefined ? undefined : this.pattern(end < 0 ? text.slice(1) : text.slice(1, end))
    if (!regex) return
    const command = end < 0 ? 'p' : text.slice(end + 1) || 'p'
    const chosen = this.lines
      .map((line, row) => ({ line, row }))
      .filter(({ line, row }) => row >= from && row <= to && regex.test(line) !== inverse)
    if (chosen.length === 0) this.status = 'Pattern not found'
    let shift = 0
    for (const { row } of chosen) {
      const size = this.lines.length
      this.row = Math.max(0, Math.min(this.lines.length - 1, row + shift))
      if (command !== 'p') await this.ex(`${this.row + 1}${command}`)
      shift += this.lines.length - size
    }
  }

  /** What a command of the shell prints that reads some lines. */
  private async output(line: string, input: readonly string[] | undefined): Promise<string> {
    const out = makePipe()
    out.writer.retain()
    out.reader.retain()
    const fds = new Map([[1, new Handle(out.writer, this.c.task)]])
    const given = input === undefined ? undefined : makePipe()
    given?.writer.retain()
    given?.reader.retain()
    if (given) fds.set(0, new Handle(given.reader, this.c.task))
    const child = await this.c.task.spawn({ argv: ['/bin/sh', '-c', line], fds })
    out.writer.release()
    given?.reader.release()
    const reading = readAll(new Handle(out.reader, this.c.task))
    if (given) {
      try {
        await new Handle(given.writer, this.c.task).write(Buffer.from(`${input!.join('\n')}\n`))
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
      }
      given.writer.release()
    }
    const text = (await reading).toString('utf8')
    out.reader.release()
    await child.wait()
    return text
  }

  private async filter(from: number, to: number, line: string): Promise<void> {
    const text = await this.output(line, this.lines.slice(from, to + 1))
    this.remember()
    this.lines.splice(from, to - from + 1, ...text.replace(/\n$/, '').split('\n'))
    this.row = from
    this.changed = true
  }

  /** `:!command`: its output is seen until a key is pressed. */
  private async outside(line: string, input?: readonly string[]): Promise<void> {
    const modes = this.terminal.modes
    this.terminal.setModes({ icanon: true, echo: true, isig: true, icrnl: true })
    await this.c.print(`\x1b[${this.terminal.rows};1H\r\n`)
    if (input) await this.c.print((await this.output(line, input)).replaceAll('\n', '\r\n'))
    else await (await this.c.task.spawn({ argv: ['/bin/sh', '-c', line] })).wait()
    this.terminal.setModes(modes)
    await this.c.print(this.c.busybox ? '\r\n[Hit return to continue]' : '\r\nPress ENTER or type command to continue')
    await this.key()
  }
}

const MOST = 1_000_000

/** Settings that change nothing of what is seen here. */
const OTHER_SETTINGS: ReadonlySet<string> = new Set(
  'hlsearch hls incsearch is paste ruler ru showmatch sm showmode smd wrap compatible cp flash fl tabstop wrapscan ws magic cursorline cul syntax sy mouse encoding enc fileencoding fenc fileformat ff smartindent si backspace bs laststatus ls relativenumber rnu'.split(
    ' ',
  ),
)

/** The replacement of a substitution, with `&` and `\\1`; a `\\r` breaks the line. */
function filled(replacement: string, m: readonly string[]): string {
  return replacement.replace(/\\(.)|&/g, (all, ch: string | undefined) => {
    if (ch === undefined) return m[0]!
    if (/\d/.test(ch)) return m[Number(ch)] ?? ''
    return ch === 'r' ? '\n' : ch === 't' ? '\t' : ch === 'n' ? '\0' : ch === '&' ? '&' : ch
  })
}
