/**
 * Files and folders that others change. They are looked at again and again: programs that replace a file in one step,
 * links that lead elsewhere and file systems of a network tell nobody that something has changed.
 */
import fs from 'node:fs'

/** ms from the end of one look to the next. */
const LOOK_EVERY = 1000

/** What differs when a file or folder has changed; empty when there is none. */
const stampOf = ({ dev, ino, size, mtimeMs, ctimeMs }: fs.Stats): string => [dev, ino, size, mtimeMs, ctimeMs].join(' ')

/** The stamp of a file as it is now. What is read of the file afterwards is of this moment or later. */
export function stampNow(file: string): string {
  try {
    return stampOf(fs.statSync(file))
  } catch {
    return ''
  }
}

export class WatchedFiles {
  private stamps: ReadonlyMap<string, string> = new Map()
  private timer: NodeJS.Timeout | undefined

  /** @param onChange called when one of the files is not any more as it was; it is told again until it watches them anew */
  constructor(private readonly onChange: () => void) {}

  /** Watches these from now on, and no others; each with the stamp that it had before it was read. */
  watch(stamps: ReadonlyMap<string, string>): void {
    this.stamps = stamps
    clearTimeout(this.timer)
    if (stamps.size > 0) this.timer = setTimeout(() => void this.look(), LOOK_EVERY).unref()
  }

  private async look(): Promise<void> {
    const { stamps } = this
    const differ = await Promise.all(
      Array.from(stamps, async ([file, stamp]) => stamp !== (await fs.promises.stat(file).then(stampOf, () => ''))),
    )
    // Others are watched meanwhile, or these anew.
    if (stamps !== this.stamps) return
    this.watch(stamps)
    if (differ.includes(true)) this.onChange()
  }
}
