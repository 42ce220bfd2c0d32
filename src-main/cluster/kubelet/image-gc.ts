/**
 * Removes images from a disk that is nearly full, those that were not in use for longest first
 * (https://kubernetes.io/docs/concepts/architecture/garbage-collection/#container-image-lifecycle).
 */
import type { Clock } from '../clock.js'

/** From this share of the disk in use on images are removed (imageGCHighThresholdPercent), */
const HIGH_PERCENT = 85
/** until it is down to this (imageGCLowThresholdPercent). */
const LOW_PERCENT = 80
/** The disk is looked at this often, ms. */
const PERIOD_MS = 300_000

export interface ImageGCOptions {
  clock: Clock
  /** Removes images that no container uses, until so many bytes are free. Returns how many are. */
  remove(bytes: number): number
  tellNode(type: 'Normal' | 'Warning', reason: string, message: string): void
}

export class ImageGC {
  private lookedAt = -Infinity
  private hasFailed = false

  constructor(private readonly options: ImageGCOptions) {}

  /** Whether it is time to try again what could not be done the last time. */
  get wantsMore(): boolean {
    return this.hasFailed && this.isDue()
  }

  private isDue(): boolean {
    return this.options.clock.now() - this.lookedAt >= PERIOD_MS
  }

  /**
   * Looks at a disk, if it is time to.
   *
   * @param capacity bytes
   * @param available bytes
   * @returns whether anything was removed
   */
  check(capacity: number, available: number): boolean {
    const usedPercent = 100 - Math.floor((Math.max(0, available) * 100) / capacity)
    if (!this.isDue()) return false
    if (usedPercent < HIGH_PERCENT) {
      this.hasFailed = false
      return false
    }
    const { clock, remove, tellNode } = this.options
    this.lookedAt = clock.now()
    const wanted = Math.floor((capacity * (100 - LOW_PERCENT)) / 100) - available
    const freed = remove(wanted)
    if (freed >= wanted) this.hasFailed = false
    else {
      const message =
        `Insufficient free disk space on the node's image filesystem (${usedPercent}% of ${sizeText(capacity)} used). ` +
        `Failed to free sufficient space by deleting unused images (freed ${freed} bytes). ` +
        'Investigate disk usage, as it could be used by active images, logs, volumes, or other data.'
      tellNode('Warning', 'FreeDiskSpaceFailed', message)
      // The first time may be too early to know anything.
      if (this.hasFailed) tellNode('Warning', 'ImageGCFailed', message)
      this.hasFailed = true
    }
    return freed > 0
  }
}

/** Bytes in the largest unit that leaves at least one of it: `26.4 GiB`. */
function sizeText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(1, bytes)) / 10), 6)
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${'KMGTPE'[power - 1]}iB`
}
