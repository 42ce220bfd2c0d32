/** factor: numbers and their prime factors. */
import type { Program } from '../process.js'
import { command, type Command, type Flavour } from './command.js'
import { lineBatches } from './reading.js'

const SPEC = { short: '', usage: '[NUMBER]...\n\nPrint prime factors' }

export function factor(flavour: Flavour): Program {
  return command(flavour, async (c) => {
    const o = await c.options(SPEC)
    if (o.operands.length > 0) for (const text of o.operands) await one(c, text)
    else
      for await (const lines of lineBatches(c.task.fd(0)!))
        for (const line of lines) for (const text of line.toString('utf8').split(/\s+/).filter(Boolean)) await one(c, text)
  })
}

async function one(c: Command, text: string): Promise<void> {
  if (!/^\+?\d+$/.test(text) || BigInt(text) >= 1n << 64n) {
    if (c.busybox) throw c.usageError(SPEC)
    return c.warn(`'${text}' is not a valid positive integer`)
  }
  let left = BigInt(text)
  const found: bigint[] = []
  const divide = (by: bigint): void => {
    for (; left % by === 0n; left /= by) found.push(by)
  }
  if (left > 1n) for (const small of [2n, 3n, 5n]) divide(small)
  for (let by = 7n, step = 4n; by * by <= left; by += step, step = 6n - step) {
    divide(by)
    // A large prime takes its time, and others have theirs.
    await c.work(0.0002)
  }
  if (left > 1n) found.push(left)
  await c.print(`${text.replace(/^\+?0*(?=\d)/, '')}:${found.map((each) => ` ${each}`).join('')}\n`)
}
