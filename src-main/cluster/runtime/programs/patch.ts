/** patch: puts the changes of a unified diff into files. */
import { SystemError, type Program } from '../process.js'
import { command, Fail, type Command, type Flavour } from './command.js'
import { openForReading, readAll } from './reading.js'

interface Hunk {
  from: number
  lines: string[]
}
interface Change {
  from: string
  to: string
  hunks: Hunk[]
}

/** Lines away from where a hunk says it belongs that it is looked for. */
const FUZZ = 1000

function parse(text: string): Change[] {
  const lines = text.split('\n')
  const changes: Change[] = []
  for (let i = 0; i < lines.length; i++) {
    if (lines[i]!.startsWith('--- ') && lines[i + 1]?.startsWith('+++ ')) {
      const name = (line: string): string => line.slice(4).split('\t')[0]!.trim()
      changes.push({ from: name(lines[i]!), to: name(lines[i + 1]!), hunks: [] })
      i++
      continue
    }
    const head = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(lines[i]!)
    const change = changes.at(-1)
    if (!head || !change) continue
    const hunk: Hunk = { from: Number(head[1]), lines: [] }
    let [old, now] = [Number(head[2] ?? 1), Number(head[3] ?? 1)]
    while ((old > 0 || now > 0) && i + 1 < lines.length) {
      const line = lines[++i]!
      if (line.startsWith('\\')) continue
      if (!line.startsWith('+')) old--
      if (!line.startsWith('-')) now--
      hunk.lines.push(line === '' ? ' ' : line)
    }
    change.hunks.push(hunk)
  }
  return changes
}

/** The lines with a hunk in them; undefined when its place is not found. `shift` is how far earlier hunks moved it. */
function applied(lines: readonly string[], hunk: Hunk, reverse: boolean, shift: number): { lines: string[]; at: number } | undefined {
  const [gone, come] = reverse ? ['+', '-'] : ['-', '+']
  const before = hunk.lines.filter((line) => line[0] !== come).map((line) => line.slice(1))
  const after = hunk.lines.filter((line) => line[0] !== gone).map((line) => line.slice(1))
  const wanted = Math.max(0, hunk.from - 1 + shift + (before.length === 0 ? 1 : 0))
  const fits = (at: number): boolean => at >= 0 && at + before.length <= lines.length && before.every((line, i) => lines[at + i] === line)
  for (let away = 0; away <= FUZZ; away++)
    for (const at of away === 0 ? [wanted] : [wanted - away, wanted + away])
      if (fits(at)) return { lines: [...lines.slice(0, at), ...after, ...lines.slice(at + before.length)], at: at - wanted + shift }
  return undefined
}

export function patch(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options({
      short: 'p:i:RNEd:',
      long: { 'strip=': 'p', 'input=': 'i', reverse: 'R', forward: 'N', 'dry-run': 'D', 'directory=': 'd' },
      usage: '[-RNE] [-p N] [-i DIFF] [ORIGFILE [PATCHFILE]]',
    })
    const input = o.get('i') ?? o.operands[1]
    if (o.has('d')) c.task.cwd = c.fs.realpath(o.get('d')!)
    const text = (await readAll(input === undefined ? c.task.fd(0)! : await openForReading(c.task, input))).toString('utf8')
    const changes = parse(text)
    if (changes.length === 0 && !c.busybox) throw new Fail('patch: **** Only garbage was found in the patch input.', 2)
    for (const change of changes) await one(c, change, { file: o.operands[0], strip: o.get('p'), reverse: o.has('R'), dry: o.has('D') })
    return c.status
  })
}

async function one(
  c: Command,
  change: Change,
  how: { file: string | undefined; strip: string | undefined; reverse: boolean; dry: boolean },
): Promise<void> {
  const stripped = (name: string): string =>
    how.strip === undefined && !c.busybox
      ? name.split('/').at(-1)!
      : name
          .split('/')
          .slice(Number(how.strip ?? 0))
          .join('/')
  const [old, now] = how.reverse ? [change.to, change.from] : [change.from, change.to]
  const path = how.file ?? (now === '/dev/null' || (old !== '/dev/null' && c.fs.exists(stripped(old))) ? stripped(old) : stripped(now))
  await c.print(`${old === '/dev/null' && c.busybox ? 'creating' : 'patching file'} ${path}\n`)
  let lines: string[] = []
  try {
    if (old !== '/dev/null') lines = Buffer.from(c.fs.readFile(path)).toString('utf8').split('\n')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return c.warn(c.busybox ? `can't open '${path}': ${error.message}` : `**** Can't find file to patch at input line 3`)
  }
  const ends = lines.at(-1) === ''
  if (ends) lines.pop()
  let [shift, failed] = [0, 0]
  for (const [i, hunk] of change.hunks.entries()) {
    const done = applied(lines, hunk, how.reverse, shift)
    if (!done) {
      failed++
      await c.print(c.busybox ? `Hunk ${i + 1} FAILED ${hunk.from}/${hunk.from}.\n` : `Hunk #${i + 1} FAILED at ${hunk.from}.\n`)
      continue
    }
    shift = done.at + done.lines.length - lines.length
    lines = done.lines
  }
  if (failed > 0) {
    c.status = 1
    if (!c.busybox)
      await c.print(
        `${failed} out of ${change.hunks.length} hunk${change.hunks.length === 1 ? '' : 's'} FAILED -- saving rejects to file ${path}.rej\n`,
      )
  }
  if (how.dry || (failed > 0 && c.busybox)) return
  if (now === '/dev/null' && lines.length === 0) return c.fs.remove(path)
  c.fs.writeFile(path, lines.length === 0 ? '' : `${lines.join('\n')}${ends || old === '/dev/null' ? '\n' : ''}`)
}
