/** One row of a small table: words, references to objects, or words with a status. */
export type TableLine = (
  | string
  | { apiVersion: string; kind: string; name: string; namespace?: string }
  | { text: string; tone: 'ok' | 'warn' | 'bad' | 'busy' | 'off' }
)[]
