/**
 * What was acknowledged while time jumps ahead, on its way to the journal. Thousands of groups follow each other then,
 * each of which would wait for the one before and wake the disk's thread: the cluster's own components go on at once,
 * and the disk follows closely, many changes at a time.
 */
import type { Journal, JournalEntry } from './journal.js'

/** So many changes go to the journal together, and so many such groups may be on their way. */
const TOGETHER = 128
const MOST_UNDER_WAY = 4

export class WriteBehind {
  private gathered: JournalEntry[] = []
  private underWay = 0
  private kept: Promise<void> = Promise.resolve()

  /** @param fail is told once the journal refuses */
  constructor(
    private readonly journal: Journal,
    private readonly fail: (error: unknown) => void,
  ) {}

  /** Whether there is anything that the journal does not have yet. */
  get isBehind(): boolean {
    return this.underWay > 0 || this.gathered.length > 0
  }

  /** Takes a group; resolves when the next one may come. */
  async append(group: readonly JournalEntry[]): Promise<void> {
    for (const entry of group) this.gathered.push(entry)
    if (this.gathered.length < TOGETHER) return
    this.handOver()
    if (this.underWay >= MOST_UNDER_WAY) await this.kept
  }

  /** Hands to the journal what has gathered: whatever is appended there next comes after it. */
  handOver(): void {
    if (this.gathered.length === 0) return
    const written = this.journal.append(this.gathered, 'committed')
    this.gathered = []
    this.underWay++
    const before = this.kept
    this.kept = written.then(() => before).finally(() => this.underWay--)
    this.kept.catch(this.fail)
  }

  /** Resolves when the journal has all that was taken so far; rejects when it refuses. */
  settled(): Promise<void> {
    this.handOver()
    return this.underWay === 0 ? Promise.resolve() : this.kept
  }
}
