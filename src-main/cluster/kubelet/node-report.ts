/**
 * What a node tells of itself: its status is written when it has changed, and unchanged each five minutes
 * (https://kubernetes.io/docs/reference/node/node-status/#heartbeats).
 */
import type { ResourceClient } from '../api/client.js'
import type { Node } from '../api/object.js'
import type { Clock } from '../clock.js'
import { statusChanges, statusPatch, timeless } from './node-status.js'
import { sameContent } from './status-writer.js'

/** An unchanged status is written again after this time, ms (nodeStatusReportFrequency). */
const STATUS_REPORT_MS = 300_000

export interface NodeReportOptions {
  name: string
  clock: Clock
  nodes: ResourceClient<Node>
  /** The Node as it is known; undefined while there is none, and while the machine is off. */
  object(): Node | undefined
  /** How the node is now, as the successor of what it told last. */
  status(previous: Node['status']): NonNullable<Node['status']>
  written(node: Node): void
  /** Told of each condition that has changed, by the reason of its event. */
  changed(reason: string): void
}

export class NodeReport {
  private reportedAt = 0
  private reporting: Promise<void> = Promise.resolve()
  /** False when nothing that the status tells of has happened since it was last compared. */
  private dirty = true

  constructor(private readonly options: NodeReportOptions) {}

  /** Something has happened that the status may tell of. */
  touch(): void {
    this.dirty = true
  }

  /** Writes the status if it has changed or is due, `force` in any case; reports follow each other. Never rejects. */
  report(force: boolean): Promise<void> {
    this.reporting = this.reporting.then(() => this.write(force))
    return this.reporting
  }

  /**
   * Whether a report would do nothing. While time jumps, an unchanged status that is due again before the jump is over
   * is left out, and is compared only when something has happened.
   */
  get idle(): boolean {
    const { jumpsTo } = this.options.clock
    return jumpsTo !== undefined && !this.dirty && !this.isDue()
  }

  /** The time before which a report that is {@link idle} stays so as long as nothing happens, ms. */
  get restsUntil(): number {
    const { jumpsTo = -Infinity } = this.options.clock
    return Math.max(this.reportedAt, jumpsTo - 2 * STATUS_REPORT_MS) + STATUS_REPORT_MS
  }

  private isDue(): boolean {
    const { clock } = this.options
    const now = clock.now()
    if (now - this.reportedAt < STATUS_REPORT_MS) return false
    return clock.jumpsTo === undefined || now + STATUS_REPORT_MS > clock.jumpsTo
  }

  private async write(force: boolean): Promise<void> {
    const { clock, name, nodes } = this.options
    const object = this.options.object()
    if (!object) return
    this.dirty = false
    const before = object.status
    const status = this.options.status(before)
    const own = Object.fromEntries(Object.keys(status).map((k) => [k, (before as Record<string, unknown> | undefined)?.[k]]))
    const same = sameContent(timeless(own as Node['status']), timeless(status))
    if (same && !force && !this.isDue()) return
    try {
      this.options.written(await nodes.patch('', name, statusPatch(status, before), { type: 'strategic', subresource: 'status' }))
      this.reportedAt = clock.now()
    } catch {
      // The next heartbeat tries again.
      this.dirty = true
      return
    }
    for (const reason of statusChanges(before, status)) this.options.changed(reason)
  }
}
