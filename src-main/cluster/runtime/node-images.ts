/** The images on the disk of one node: which there are, under which names, since when, and when each was last in use. */
import type { PulledImage } from './cri.js'

interface Times {
  /** Since when the image is there, ms. */
  since: number
  /** When the last container that ran it was removed, ms; 0 when none was. */
  usedAt: number
}

/** What may be removed. */
export interface Removal {
  /** The references of images that containers use. */
  inUse: ReadonlySet<string>
  /** Only images that were there at this time, ms. */
  before: number
  /** Enough is enough when this much is free. */
  bytes: number
}

export class NodeImages {
  /** By the reference as it was asked for and in full. */
  private readonly byName = new Map<string, PulledImage>()
  private readonly times = new Map<string, Times>()

  get(name: string): PulledImage | undefined {
    return this.byName.get(name)
  }

  /** Keeps an image under its reference and under the name that it was asked for by. */
  keep(name: string, image: PulledImage, now: number): void {
    this.byName.set(image.reference, image)
    this.byName.set(name, image)
    if (!this.times.has(image.reference)) this.times.set(image.reference, { since: now, usedAt: 0 })
  }

  /** A container that ran an image has gone. */
  wasUsed(reference: string, now: number): void {
    const times = this.times.get(reference)
    if (times) times.usedAt = now
  }

  /** Each image once, the largest first. */
  list(): PulledImage[] {
    const images = new Map<string, PulledImage>()
    for (const image of this.byName.values()) images.set(image.reference, image)
    return [...images.values()].sort((a, b) => b.size - a.size)
  }

  /** Removes an image under all its names. */
  forget(reference: string): void {
    for (const [name, image] of this.byName) if (image.reference === reference) this.byName.delete(name)
    this.times.delete(reference)
  }

  /** Removes images, that which was in use the longest ago first. Returns how many bytes they took. */
  remove({ inUse, before, bytes }: Removal): number {
    const timesOf = (image: PulledImage): Times => this.times.get(image.reference)!
    const candidates = this.list()
      .filter((image) => !inUse.has(image.reference) && timesOf(image).since <= before)
      .sort((a, b) => timesOf(a).usedAt - timesOf(b).usedAt || timesOf(a).since - timesOf(b).since)
    let freed = 0
    for (const { reference, size } of candidates) {
      if (freed >= bytes) break
      this.forget(reference)
      freed += size
    }
    return freed
  }
}
