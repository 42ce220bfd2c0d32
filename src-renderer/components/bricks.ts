/** The state of one container. */
export interface Brick {
  name: string
  /** What the tooltip says: `running`, `CrashLoopBackOff`, … */
  word: string
  tone: 'ok' | 'warn' | 'bad' | 'busy' | 'off'
}

const tones: ReadonlySet<string> = new Set(['ok', 'warn', 'bad', 'busy', 'off'])

/** Reads a cell of type `bricks`: a line per container, of name, word and tone with tabs between. */
export function readBricks(text: string): Brick[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [name = '', word = '', tone = ''] = line.split('\t')
      return { name, word, tone: tones.has(tone) ? (tone as Brick['tone']) : 'busy' }
    })
}
