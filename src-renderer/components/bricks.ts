/** The state of one container or pod, or of several pods. */
export interface Brick {
  name: string
  /** What the tooltip says: `running`, `CrashLoopBackOff`, … */
  word: string
  tone: 'ok' | 'warn' | 'bad' | 'busy' | 'off'
  /** How many it stands for, where that is told. */
  number?: number
}

const tones: ReadonlySet<string> = new Set(['ok', 'warn', 'bad', 'busy', 'off'])

/** Reads a cell of type `bricks`: a line per brick, of name, word and tone with tabs between, and of how many there are where it is several. */
export function readBricks(text: string): Brick[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [name = '', word = '', tone = '', number] = line.split('\t')
      return { name, word, tone: tones.has(tone) ? (tone as Brick['tone']) : 'busy', ...(number ? { number: Number(number) } : {}) }
    })
}

/** What a brick says in words: `nginx: running`, `37 Running`. */
export const brickText = (b: Brick): string => (b.number === undefined ? `${b.name}: ${b.word}` : `${b.number} ${b.word}`)
