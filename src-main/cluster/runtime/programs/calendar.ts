/** cal: the calendar of a month or a year. */
import type { Program } from '../process.js'
import { command, Fail, type Flavour } from './command.js'
import { formatTime } from './strftime.js'

const WIDTH = 20

function centred(text: string, width: number): string {
  return (' '.repeat(Math.max(0, Math.floor((width - text.length) / 2))) + text).padEnd(width)
}

/** The lines of a month: its title, the days of the week, six weeks. */
function month(year: number, number: number, title: string, monday: boolean): string[] {
  const first = new Date(Date.UTC(year, number - 1, 1))
  const days = new Date(Date.UTC(year, number, 0)).getUTCDate()
  const cells = [
    ...Array<string>((first.getUTCDay() + (monday ? 6 : 0)) % 7).fill('  '),
    ...Array.from({ length: days }, (_, i) => String(i + 1).padStart(2)),
  ]
  const weeks = Array.from({ length: 6 }, (_, w) =>
    cells
      .slice(w * 7, w * 7 + 7)
      .join(' ')
      .padEnd(WIDTH),
  )
  return [centred(title, WIDTH), monday ? 'Mo Tu We Th Fr Sa Su' : 'Su Mo Tu We Th Fr Sa', ...weeks]
}

export function cal(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({ short: 'jmy', usage: '[-jmy] [[MONTH] YEAR]\n\nDisplay a calendar' })
    const today = new Date(c.task.clock.now())
    const [first, second] = o.operands
    const number = second === undefined ? (first === undefined ? today.getUTCMonth() + 1 : undefined) : Number(first)
    const year = Number(second ?? first ?? today.getUTCFullYear())
    const outside = (text: string | undefined, most: number): Fail =>
      new Fail(Number.isInteger(Number(text)) ? `cal: number ${text} is not in 1..${most} range` : `cal: invalid number '${text}'`)
    if (number !== undefined && !(number >= 1 && number <= 12)) throw outside(first, 12)
    if (!(year >= 1 && year <= 9999)) throw outside(second ?? first, 9999)
    const name = (n: number): string => formatTime('%B', Date.UTC(year, n - 1, 1))
    if (number !== undefined && !o.has('y')) {
      await c.print(
        month(year, number, `${name(number)} ${year}`, o.has('m'))
          .map((l) => (l.trim() === '' ? `${' '.repeat(WIDTH + 1)}\n` : `${l.trimEnd()}\n`))
          .join(''),
      )
      return
    }
    let out = `${centred(String(year), 3 * WIDTH + 4)}\n\n`
    for (let quarter = 0; quarter < 4; quarter++) {
      const months = [1, 2, 3].map((i) => month(year, quarter * 3 + i, name(quarter * 3 + i), o.has('m')))
      for (let line = 0; line < 8; line++) out += `${months.map((m) => m[line]!).join('  ')}\n`
    }
    await c.print(out)
  })
}
