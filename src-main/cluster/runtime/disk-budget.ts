/**
 * The memory that all files of a cluster may take together. The disks of its nodes are memory of the simulator: above
 * this they are full, however many containers and volumes share them.
 */
import type { Clock } from '../clock.js'

const MIB = 1024 * 1024
/** What all files may take. */
const MOST = 2048 * MIB
/** A tree with less than this is not counted: there are many, and most stay small. */
const SMALL = MIB

/** Something that files take memory of. */
export interface Stored {
  /** Bytes that its files take. */
  readonly usage: number
}

export class DiskBudget {
  /** Trees of containers and volumes that are gone leave by themselves. */
  private readonly trees = new Set<WeakRef<Stored>>()
  private known = new WeakSet<Stored>()
  /** Bytes at the last count, and what has been written since. */
  private counted = 0
  private grown = 0

  constructor(private readonly most = MOST) {}

  /** Whether a tree may grow by `bytes`. */
  mayGrow(tree: Stored, bytes: number): boolean {
    if (tree.usage + bytes < SMALL) return true
    if (!this.known.has(tree)) {
      this.known.add(tree)
      this.trees.add(new WeakRef(tree))
      this.grown += tree.usage
    }
    this.grown += bytes
    if (this.counted + this.grown <= this.most) return true
    this.count()
    if (this.counted + bytes > this.most) return false
    this.grown = bytes
    return true
  }

  private count(): void {
    this.counted = 0
    this.grown = 0
    for (const ref of this.trees) {
      const tree = ref.deref()
      if (tree) this.counted += tree.usage
      else this.trees.delete(ref)
    }
  }
}

const budgets = new WeakMap<Clock, DiskBudget>()

/** The one budget of all that lives on a clock: of one cluster. */
export function diskBudgetOf(clock: Clock): DiskBudget {
  let budget = budgets.get(clock)
  if (!budget) budgets.set(clock, (budget = new DiskBudget()))
  return budget
}
