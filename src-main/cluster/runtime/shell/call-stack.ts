/** bash's account of what is running: FUNCNAME, BASH_SOURCE, BASH_LINENO, and the answers of `caller`. */

/** A function or sourced file that is running. */
export interface Frame {
  /** The function's name, or `source`. */
  name: string
  /** The file that the function was read from. */
  source: string
  /** The line of the call. */
  line: number
}

export class CallStack {
  /** The innermost first. */
  private readonly frames: Frame[]

  /** @param script the name of the script that runs, when there is one */
  constructor(
    private readonly script: () => string | undefined,
    frames: readonly Frame[] = [],
  ) {
    this.frames = [...frames]
  }

  clone(script: () => string | undefined): CallStack {
    return new CallStack(script, this.frames)
  }

  enter(frame: Frame): void {
    this.frames.unshift(frame)
  }

  leave(): void {
    this.frames.shift()
  }

  /** The file that commands are being read from. */
  get source(): string {
    return this.frames[0]?.source ?? this.script() ?? 'environment'
  }

  /** FUNCNAME; undefined outside of functions. */
  names(): string[] | undefined {
    if (!this.frames.some((f) => f.name !== 'source')) return undefined
    return [...this.frames.map((f) => f.name), ...(this.script() === undefined ? [] : ['main'])]
  }

  /** BASH_SOURCE; undefined when nothing comes from a file. */
  sources(): string[] | undefined {
    const script = this.script()
    const all = [...this.frames.map((f) => f.source), ...(script === undefined ? [] : [script])]
    return all.length > 0 ? all : undefined
  }

  /** BASH_LINENO: where each was called. */
  lines(): string[] {
    return [...this.frames.map((f) => String(f.line)), ...(this.script() === undefined ? [] : ['0'])]
  }

  /** Where the `n`th call came from, as `caller n` prints it; without `n`, as `caller` does. undefined when there is none. */
  caller(n: number | undefined): string | undefined {
    const frame = this.frames[n ?? 0]
    const script = this.script()
    if (!frame) return n === undefined && script !== undefined ? '0 NULL' : undefined
    const outer = this.frames[(n ?? 0) + 1]
    if (!outer && script === undefined && n !== undefined) return undefined
    const source = outer?.source ?? script ?? 'NULL'
    return n === undefined ? `${frame.line} ${source}` : `${frame.line} ${outer?.name ?? 'main'} ${source}`
  }
}
