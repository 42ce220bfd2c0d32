/** What a bar of a share shows. */
export interface Share {
  name: string
  text: string
  /** From 0 for nothing to 1 for the whole. */
  share: number
}

/** A share of `most` in words, such as `2 / 8 (25%)`; undefined for what is not known yet, whose room is kept. */
export function shareOf(name: string, n: number | undefined, most: number, text: (n: number) => string): Share {
  if (n === undefined) return { name, share: 0, text: '' }
  const share = most > 0 ? n / most : 0
  return { name, share, text: `${text(n)} / ${text(most)} (${Math.round(share * 100)}%)` }
}
