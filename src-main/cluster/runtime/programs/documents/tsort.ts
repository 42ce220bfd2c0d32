/** tsort: names in an order in which none stands before what must come first (tsort(1)). */
import type { Program } from '../../process.js'
import { command, type Flavour } from '../command.js'
import { readAll } from '../reading.js'

interface Item {
  readonly name: string
  /** How many must still come before it. */
  before: number
  /** What must come after it, the latest mentioned first. */
  readonly after: Item[]
}

/** tsort of coreutils and of busybox. */
export function tsort(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const spec = { short: '', usage: '[FILE]\n\nTopological sort' }
    const o = await c.options(spec)
    if (o.operands.length > 1) throw c.usageError(spec, `extra operand '${o.operands[1]}'`)
    for await (const { name, file } of c.inputs(o.operands)) {
      const words = (await readAll(file)).toString('latin1').split(/\s+/).filter(Boolean)
      if (words.length % 2 === 1) return c.warn(c.busybox ? 'odd input' : `${name}: input contains an odd number of tokens`)
      const write = (text: string) => c.print(Buffer.from(text, 'latin1'))
      const items = read(words)
      let ready = items.filter((item) => item.before === 0)
      while (items.length > 0) {
        while (ready.length > 0) {
          const item = ready.shift()!
          await write(`${item.name}\n`)
          items.splice(items.indexOf(item), 1)
          for (const next of item.after) if (--next.before === 0) ready.push(next)
        }
        if (items.length === 0) break
        const loop = findLoop(items)
        await c.warn(c.busybox ? 'cycle at ' + loop[0]!.name : `${name}: input contains a loop:`)
        if (!c.busybox) for (const item of loop) await c.task.writeError(`tsort: ${item.name}\n`)
        // The last step of the loop is forgotten.
        const [last, first] = [loop.at(-1)!, loop[0]!]
        last.after.splice(last.after.indexOf(first), 1)
        if (--first.before === 0) ready = [first]
      }
    }
  })
}

/** The items in the order of their names. */
function read(words: readonly string[]): Item[] {
  const items = new Map<string, Item>()
  const item = (name: string): Item => {
    const known = items.get(name) ?? { name, before: 0, after: [] }
    items.set(name, known)
    return known
  }
  for (let i = 0; i < words.length; i += 2) {
    const [first, second] = [item(words[i]!), item(words[i + 1]!)]
    if (first === second) continue
    second.before++
    first.after.unshift(second)
  }
  return [...items.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Items each of which must come before the next, and the last before the first. */
function findLoop(items: readonly Item[]): Item[] {
  const path: Item[] = []
  let at = items.find((item) => item.before > 0)!
  while (!path.includes(at)) {
    path.push(at)
    at = items.find((item) => item.after.includes(at))!
  }
  const loop = path.slice(path.indexOf(at)).reverse()
  return [loop.at(-1)!, ...loop.slice(0, -1)]
}
