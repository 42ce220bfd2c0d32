/**
 * One copy of equal values. Thousands of pods made from the same template have the same environment and the same
 * resolv.conf, and hold on to them for as long as they live.
 */
import { jsonText } from '../../exact-json.js'

/** How many are remembered; beyond that the oldest is forgotten (and kept by what holds it). */
const MOST = 64

export class SharedValues<T> {
  private readonly known = new Map<string, T>()

  /** The first value that was the same JSON as this one, which is not to be changed from now on. */
  of(value: T): T {
    const text = jsonText(value)
    const same = this.known.get(text)
    if (same !== undefined) return same
    if (this.known.size >= MOST) this.known.delete(this.known.keys().next().value!)
    this.known.set(text, value)
    return value
  }
}
