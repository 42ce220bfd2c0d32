/** The substitutions of sed and awk in texts of any length: they take turns with other work, and never hold all matches at once. */
import type { Task } from '../task.js'

/** CPU ms of one match that is replaced. */
const MATCH_COST = 0.0005
/** Matches between two bills. */
const MATCHES_PER_BILL = 256
/** Pieces that are put together at a time: a text of millions of single letters costs many times its length. */
const PIECES = 4096

/** One match: its text, its groups and how many came before it. */
export interface Match {
  groups: readonly (string | undefined)[]
  /** 0 for the first. */
  number: number
}

export interface Replaced {
  text: string
  /** Matches that were looked at. */
  matches: number
}

/**
 * `text` with what `change` makes of each match of `regex`, which has the flag g: undefined leaves this one and all that
 * follow as they are. Nothing right behind a match is none of its own.
 *
 * @param longest characters that the result may have; `tooLong` makes the error for more
 */
export async function replaceMatches(
  task: Pick<Task, 'tick'>,
  text: string,
  regex: RegExp,
  change: (match: Match) => string | undefined,
  { longest, tooLong }: { longest: number; tooLong: () => Error },
): Promise<Replaced> {
  const chunks: string[] = []
  let pieces: string[] = []
  let length = 0
  let copied = 0
  let end = -1
  let number = 0
  regex.lastIndex = 0
  for (let m = regex.exec(text); m; m = regex.exec(text)) {
    const [whole] = m
    if (whole === '') regex.lastIndex++
    if (whole === '' && m.index === end) continue
    end = m.index + whole.length
    const replacement = change({ groups: m, number: number++ })
    if (replacement === undefined) break
    pieces.push(text.slice(copied, m.index), replacement)
    length += m.index - copied + replacement.length
    copied = end
    if (length > longest) throw tooLong()
    if (pieces.length >= PIECES) {
      chunks.push(pieces.join(''))
      pieces = []
    }
    if (number % MATCHES_PER_BILL > 0) continue
    const pause = task.tick(MATCHES_PER_BILL * MATCH_COST)
    if (pause) await pause
  }
  return { text: chunks.join('') + pieces.join('') + text.slice(copied), matches: number }
}
