/** One row of a small table: words, references to objects, links to pages outside, or words with a status. */
export type TableLine = (
  | string
  | { apiVersion: string; kind: string; name: string; namespace?: string }
  | { text: string; href: string }
  | { text: string; tone: 'ok' | 'warn' | 'bad' | 'busy' | 'off' }
)[]
