/**
 * The memory of the simulator that programs of containers hold: what they read to its end, long lines, variables, arrays.
 * It counts as memory of the process, so that `tail /dev/zero` is killed at the limit of its container, and all programs
 * together get no more than the simulator can spare, however many of them ask.
 */
const MIB = 1024 * 1024

/** What one process may hold. */
const MOST_OF_ONE = 256 * MIB
/** What all of them may hold together. */
const MOST_OF_ALL = 512 * MIB

/** How much of the simulator's memory is left for programs. One for a runtime. */
export class MemoryBudget {
  private taken = 0

  constructor(
    private readonly ofOne = MOST_OF_ONE,
    private readonly ofAll = MOST_OF_ALL,
  ) {}

  /** Takes `bytes` more for a process that holds `held`. False, and nothing is taken, when there are not so many. */
  take(bytes: number, held: number): boolean {
    if (held + bytes > this.ofOne || this.taken + bytes > this.ofAll) return false
    this.taken += bytes
    return true
  }

  giveBack(bytes: number): void {
    this.taken -= bytes
  }
}

/** Who holds memory: a process. */
export interface Holder {
  hold(bytes: number): void
  exhaust(): void
}

/** Growth in bytes that is not looked at. */
const STEP = MIB

/**
 * The memory of a program that changes what it holds in many small steps. It is measured again whenever it may have
 * doubled, so that the measuring costs no more than the growing.
 */
export class MeasuredMemory {
  private grown = 0
  private last = 0

  constructor(
    private readonly holder: Holder,
    private readonly measure: () => number,
  ) {}

  /** It has come to hold about `bytes` more; Infinity for more than there can be. Throws as {@link Holder.hold} does. */
  grew(bytes: number): void {
    if (bytes === Infinity) return this.holder.exhaust()
    this.grown += bytes
    if (this.grown < Math.max(STEP, this.last)) return
    this.grown = 0
    const now = this.measure()
    const change = now - this.last
    this.last = now
    this.holder.hold(change)
  }
}
