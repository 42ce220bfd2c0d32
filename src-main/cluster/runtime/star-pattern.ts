/**
 * Patterns in which `*` stands for anything, as keys of redis and names of files are given. A RegExp with many `.*` tries
 * all ways to share a text among them; what stands between two stars here is looked for once, from left to right.
 */

/** What matches whole texts. */
export interface StarPattern {
  test(text: string): boolean
}

/**
 * @param pieces what stands before, between and behind the stars, as sources of RegExps each of which matches as many
 *   characters as it has elements: no repetitions, no alternatives
 */
export function starPattern(pieces: readonly string[], flags = 's'): StarPattern {
  if (pieces.length === 1) return new RegExp(`^(?:${pieces[0]!})$`, flags)
  const first = new RegExp(`^(?:${pieces[0]!})`, flags)
  const between = pieces.slice(1, -1).map((piece) => new RegExp(piece, `${flags}g`))
  const last = new RegExp(`(?:${pieces.at(-1)!})$`, `${flags}g`)
  return {
    test(text) {
      const start = first.exec(text)
      if (!start) return false
      let at = start[0].length
      for (const piece of [...between, last]) {
        piece.lastIndex = at
        const found = piece.exec(text)
        if (!found) return false
        at = found.index + found[0].length
      }
      return true
    },
  }
}

/** A pattern of `*` and, if it is told so, `?`; all else stands for itself. */
export function wildcards(pattern: string, { flags = 's', one = true } = {}): StarPattern {
  const pieces = pattern.split('*').map((piece) => {
    const literal = piece.replace(/[.+^${}()|[\]\\?]/g, String.raw`\$&`)
    return one ? literal.replaceAll(String.raw`\?`, '.') : literal
  })
  return starPattern(pieces, flags)
}
