/** tput: the capabilities of a terminal by their names in terminfo (tput(1)). */
import type { Program } from '../process.js'
import { command, Fail } from './command.js'

const ESC = '\x1b'
/** What both xterm and screen do for a name without numbers. */
const STRINGS: Readonly<Record<string, string>> = {
  bold: '[1m', dim: '[2m', sitm: '[3m', ritm: '[23m', smul: '[4m', rmul: '[24m', blink: '[5m', rev: '[7m', invis: '[8m', smso: '[7m', rmso: '[27m',
  sgr0: '(B[m', op: '[39;49m', el: '[K', el1: '[1K', ed: '[J', home: '[H', civis: '[?25l', cnorm: '[?12l[?25h', cvvis: '[?12;25h', smcup: '[?1049h[22;0;0t',
  rmcup: '[?1049l[23;0;0t', sc: '7', rc: '8', cuu1: '[A', cuf1: '[C', dl1: '[M', il1: '[L', dch1: '[P', smkx: '[?1h=', rmkx: '[?1l>', rs1: 'c', is2: '[!p[?3;4l[4l>',
  clear: '[H[2J[3J', smir: '[4h', rmir: '[4l', ri: 'M', kcuu1: 'OA', kcud1: 'OB', kcuf1: 'OC', kcub1: 'OD', khome: 'OH', kend: 'OF', kdch1: '[3~', cbt: '[Z',
} // prettier-ignore
const PLAIN: Readonly<Record<string, string>> = { bel: '\x07', cr: '\r', cud1: '\n', cub1: '\b', ht: '\t', ind: '\n', kbs: '\x7f' }
const FLAGS: Readonly<Record<string, boolean>> = {
  am: true,
  bce: true,
  km: true,
  mir: true,
  msgr: true,
  npc: true,
  xenl: true,
  hs: false,
  eo: false,
}
/** Numbers that are asked for by name. */
const TERMS = /^(xterm(-(16|88|256)?color)?|screen(-256color)?|tmux(-256color)?|linux|vt100|vt220|ansi|rxvt(-unicode)?)$/

function colors(term: string): number {
  return term.endsWith('256color') ? 256 : term.startsWith('vt') ? -1 : 8
}

function color(term: string, ground: 3 | 4, n: number): string {
  if (colors(term) < 256 || n < 8) return `${ESC}[${ground}${n}m`
  return n < 16 ? `${ESC}[${ground + 6}${n - 8}m` : `${ESC}[${ground}8;5;${n}m`
}

/** tput of ncurses. */
export function tput(): Program {
  return command('coreutils', async (c) => {
    const spec = { short: 'ST:Vx', stopAtOperand: true, usage: '[options] [command]' }
    const o = await c.optionsOr(spec, (fault) => new Fail(`${fault}\nusage: tput [-V] [-S] [-T term] capname`, 2))
    if (o.has('V')) return c.print('ncurses 6.4.20221231\n').then(() => 0)
    const term = o.get('T') ?? c.task.env['TERM'] ?? ''
    if (term === '') throw new Fail('tput: No value for $TERM and no -T specified', 2)
    if (term !== 'dumb' && !TERMS.test(term)) throw new Fail(`tput: unknown terminal "${term}"`, 3)
    const lines: string[][] = o.has('S') ? [] : [o.operands]
    if (o.has('S'))
      for (let line = await c.task.readLine(); line !== undefined; line = await c.task.readLine())
        lines.push(line.split(/\s+/).filter(Boolean))
    if (!o.has('S') && o.operands.length === 0) throw new Fail('usage: tput [-V] [-S] [-T term] capname', 2)
    let status = 0
    for (const [name = '', ...values] of lines) {
      if (name === '') continue
      const { terminal } = c.task
      const [a = 0, b = 0] = values.map(Number)
      const moved: Record<string, string> = {
        cup: `${ESC}[${a + 1};${b + 1}H`, hpa: `${ESC}[${a + 1}G`, vpa: `${ESC}[${a + 1}d`, cuu: `${ESC}[${a}A`, cud: `${ESC}[${a}B`, cuf: `${ESC}[${a}C`, cub: `${ESC}[${a}D`,
        ech: `${ESC}[${a}X`, dch: `${ESC}[${a}P`, ich: `${ESC}[${a}@`, il: `${ESC}[${a}L`, dl: `${ESC}[${a}M`, csr: `${ESC}[${a + 1};${b + 1}r`,
        setaf: color(term, 3, a), setab: color(term, 4, a), setf: color(term, 3, a), setb: color(term, 4, a),
      } // prettier-ignore
      if (name === 'cols') await c.print(`${terminal?.columns ?? c.task.env['COLUMNS'] ?? 80}\n`)
      else if (name === 'lines') await c.print(`${terminal?.rows ?? c.task.env['LINES'] ?? 24}\n`)
      else if (name === 'colors') await c.print(`${term === 'dumb' ? -1 : colors(term)}\n`)
      else if (name === 'longname') await c.print(term === 'xterm' ? 'xterm terminal emulator (X Window System)' : term)
      else if (name === 'init' || name === 'reset')
        await c.print(`${name === 'reset' ? `${ESC}c` : ''}${ESC}[!p${ESC}[?3;4l${ESC}[4l${ESC}>`)
      else if (Object.hasOwn(FLAGS, name)) status = FLAGS[name] && term !== 'dumb' ? 0 : 1
      else if (Object.hasOwn(PLAIN, name)) await c.print(PLAIN[name]!)
      else if (!Object.hasOwn(moved, name) && !Object.hasOwn(STRINGS, name))
        throw new Fail(`tput: unknown terminfo capability '${name}'`, 4)
      // What a terminal does not have is no fault of the name.
      else if (term === 'dumb') status = 1
      else await c.print(moved[name] ?? STRINGS[name]!.replace(/^|(?<=.)(?=\[)/g, ESC))
    }
    return status
  })
}
