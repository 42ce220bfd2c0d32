/** bash: `!!`, `!$`, `!name`, `^old^new` at the prompt (its manual, "History Expansion"). */

/** An event or a modifier that there is none for. The message is what bash says after its name. */
export class HistoryError extends Error {}

/**
 * Replaces what refers to the history, the newest line last. Quoted in single quotes or after a backslash `!` stands for
 * itself. Returns the line and whether it is only to be shown (`:p`). Throws {@link HistoryError}.
 */
export function expandHistory(line: string, history: readonly string[]): { text: string; changed: boolean; printOnly: boolean } {
  const quick = /^\^([^^]*)\^([^^]*)(?:\^(.*))?$/s.exec(line)
  if (quick) {
    const last = history.at(-1)
    if (last === undefined || !last.includes(quick[1]!)) throw new HistoryError(`:s${line}: substitution failed`)
    return { text: last.replace(quick[1]!, () => quick[2]!) + (quick[3] ?? ''), changed: true, printOnly: false }
  }
  let out = ''
  let changed = false
  let printOnly = false
  let single = false
  let double = false
  for (let i = 0; i < line.length;) {
    const c = line[i]!
    if (c === '\\' && !single) {
      out += line.slice(i, i + 2)
      i += 2
      continue
    }
    if (c === "'" && !double) single = !single
    if (c === '"' && !single) double = !double
    if (c !== '!' || single || /^!($|[\s=(]|"$)/.test(line.slice(i))) {
      out += c
      i++
      continue
    }
    const event = /^!(?:!|-?\d+|\?[^?]*\??|#|(?=[$^*:-])|[^\s:$^*;&|<>()"'!-][^\s:;&|<>()"']*)/.exec(line.slice(i))
    if (!event) {
      out += c
      i++
      continue
    }
    i += event[0].length
    const rest = /^(?::?([$^*]|-)|:(\d+(?:-(?:\d+|\$)?|\*)?))?((?::(?:[hterpqx&]|g?s(.)(?:(?!\4).)*\4(?:(?!\4).)*\4?))*)/s.exec(
      line.slice(i),
    )!
    i += rest[0].length
    const found = event[0] === '!#' ? out : eventOf(event[0], history)
    const designator = rest[1] ?? rest[2]
    let text = designator === undefined ? found : words(found, designator, event[0] + rest[0])
    for (const m of rest[3]!.match(/:(?:[hterpqx&]|g?s(.)(?:(?!\1).)*\1(?:(?!\1).)*\1?)/gs) ?? []) {
      if (m === ':p') printOnly = true
      else text = modified(text, m.slice(1))
    }
    out += text
    changed = true
  }
  return { text: out, changed, printOnly }
}

/** The line that `!n`, `!-n`, `!name` or `!?text?` names. */
function eventOf(event: string, history: readonly string[]): string {
  const name = event.slice(1)
  let found: string | undefined
  if (name === '' || name === '!') found = history.at(-1)
  else if (/^-\d+$/.test(name)) found = history.at(Number(name))
  else if (/^\d+$/.test(name)) found = history[Number(name) - 1]
  else if (name.startsWith('?')) found = history.filter((l) => l.includes(name.slice(1).replace(/\?$/, ''))).at(-1)
  else found = history.filter((l) => l.startsWith(name)).at(-1)
  if (found === undefined) throw new HistoryError(`${event}: event not found`)
  return found
}

/** Words of a line by `$`, `^`, `*`, `2`, `2-4`, `2*`; the command is word 0. */
function words(line: string, designator: string, asked: string): string {
  const all = line.match(/(?:"(?:\\.|[^"])*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? []
  const last = all.length - 1
  const range = /^(\d+)(?:(-)(\d+|\$)?|(\*))?$/.exec(designator)
  let [from, to] = [1, last]
  if (designator === '$') from = last
  else if (designator === '^') to = 1
  else if (designator === '-') [from, to] = [0, last - 1]
  else if (range) {
    from = Number(range[1])
    to = range[4] || range[3] === '$' ? last : range[3] !== undefined ? Number(range[3]) : range[2] ? last - 1 : from
  }
  if (designator === '*' && last < 1) return ''
  if (from > last || to > last || from < 0) throw new HistoryError(`${asked.replace(/^!+/, '')}: bad word specifier`)
  return all.slice(from, to + 1).join(' ')
}

function modified(text: string, modifier: string): string {
  switch (modifier[0]) {
    case 'h':
      return text.includes('/') ? text.slice(0, text.lastIndexOf('/')) : text
    case 't':
      return text.slice(text.lastIndexOf('/') + 1)
    case 'r':
      return text.replace(/\.[^./]*$/, '')
    case 'e':
      return /\.[^./]*$/.exec(text)?.[0] ?? ''
    case 'q':
      return `'${text.replaceAll("'", "'\\''")}'`
    case 'g':
    case 's': {
      const all = modifier.startsWith('g')
      const [, old = '', next = ''] = modifier.slice(all ? 1 : 0).split(modifier[all ? 2 : 1]!)
      if (!text.includes(old)) throw new HistoryError(`:${modifier}: substitution failed`)
      return all ? text.replaceAll(old, () => next) : text.replace(old, () => next)
    }
    default:
      return text
  }
}
