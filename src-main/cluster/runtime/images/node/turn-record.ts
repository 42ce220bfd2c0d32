/**
 * How a script waits in the middle of a turn, as `execSync` does: the engine cannot stand still while the cluster goes
 * on, so the turn is broken off, the heap is put back to what it was when the turn began, and the turn runs again once
 * the answer is there. What the host answered the first time is answered again without being done again: a turn
 * depends on nothing but its heap and these answers.
 */
import { SystemError } from '../../process.js'
import type { Value } from './engine.js'

const PAGE = 65_536
const EMPTY_PAGE = Buffer.alloc(PAGE)
/** What a turn may remember: answers, and the bytes in them. A turn that asks for more cannot wait any more. */
const MOST_ANSWERS = 200_000
export const MOST_BYTES = 64 * 1024 * 1024

type Answer = { name: string; value: Value } | { name: string; error: unknown }

/** One turn that can be run again. */
export class TurnRecord {
  /** The answer that the turn was broken off for. */
  awaited: Promise<void> | undefined
  private readonly heap: Uint8Array
  private answers: Answer[] = []
  private at = 0
  private bytes = 0

  constructor(private readonly memory: WebAssembly.Memory) {
    this.heap = usedPart(memory)
  }

  /** A call of the script: done when the turn runs for the first time, else answered as it was then. */
  answer(name: string, call: () => Value): Value {
    if (this.at < this.answers.length) return this.next(name)
    // A script can go on for a few steps before it is broken off; that must not be seen outside.
    if (this.awaited) throw new SystemError('EINTR', 'Interrupted system call')
    try {
      const value = call()
      this.remember({ name, value })
      return value
    } catch (error) {
      this.remember({ name, error })
      throw error
    }
  }

  /** A call that takes its time: its answer once it is there; until then the turn is to break off. */
  wait(name: string, call: () => Promise<Value>): { value: Value } | undefined {
    if (this.at < this.answers.length) return { value: this.next(name) }
    if (this.awaited) return undefined
    if (this.full) throw new SystemError('ENOMEM', 'Cannot allocate memory')
    this.awaited = call().then(
      (value) => this.remember({ name, value }),
      (error: unknown) => {
        if (!(error instanceof SystemError)) throw error
        this.remember({ name, error })
      },
    )
    // Whoever runs the turn looks at it; a process that is killed does not come to that.
    this.awaited.catch(() => undefined)
    return undefined
  }

  /** Puts the heap back, for the turn to run again. */
  rewind(): void {
    const now = new Uint8Array(this.memory.buffer)
    now.set(this.heap)
    now.fill(0, this.heap.length)
    this.at = 0
    this.awaited = undefined
  }

  private get full(): boolean {
    return this.answers.length >= MOST_ANSWERS || this.bytes > MOST_BYTES
  }

  private remember(answer: Answer): void {
    if (this.full) return
    if ('value' in answer) this.bytes += sizeOf(answer.value)
    this.answers.push(answer)
    this.at = this.answers.length
  }

  private next(name: string): Value {
    const answer = this.answers[this.at++]!
    if (answer.name !== name) throw new Error(`a turn that ran again asked for ${name}, and not for ${answer.name}`)
    if ('error' in answer) throw answer.error
    return answer.value
  }
}

function sizeOf(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length
  if (typeof value !== 'object' || value === null) return 8
  return Object.values(value).reduce<number>((sum, each: Value) => sum + sizeOf(each), 8)
}

/** A copy of the memory up to its last page that holds anything. */
function usedPart(memory: WebAssembly.Memory): Uint8Array {
  const all = Buffer.from(memory.buffer)
  let end = all.length
  while (end > 0 && all.compare(EMPTY_PAGE, 0, PAGE, end - PAGE, end) === 0) end -= PAGE
  return Uint8Array.prototype.slice.call(all, 0, end)
}
