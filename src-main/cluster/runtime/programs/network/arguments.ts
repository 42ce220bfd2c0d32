/** Command-line arguments in the manner of getopt_long, for the programs of this folder. */

/** What an option takes: nothing, a value, or a value many times over. */
export type Takes = 'flag' | 'value' | 'list'

export interface Parsed {
  flags: Set<string>
  values: Map<string, string>
  lists: Map<string, string[]>
  /** Everything that is no option. */
  operands: string[]
}

/** An option that does not exist, or lacks its value. `option` is as it was written. */
export class BadOption extends Error {
  constructor(
    readonly option: string,
    readonly missingValue: boolean,
  ) {
    super(missingValue ? `option requires an argument: ${option}` : `unknown option: ${option}`)
    this.name = 'BadOption'
  }
}

/**
 * Parses arguments. `spec` maps option names (one letter or long, without dashes) to what they take; `aliases` maps a
 * letter to its long name. Throws {@link BadOption}.
 */
export function parseArguments(
  argv: readonly string[],
  spec: Readonly<Record<string, Takes>>,
  aliases: Readonly<Record<string, string>> = {},
): Parsed {
  const out: Parsed = { flags: new Set(), values: new Map(), lists: new Map(), operands: [] }
  const set = (name: string, value: string | undefined, written: string): void => {
    const takes = Object.hasOwn(spec, name) ? spec[name] : undefined
    if (!takes) throw new BadOption(written, false)
    if (takes === 'flag') out.flags.add(name)
    else if (value === undefined) throw new BadOption(written, true)
    else if (takes === 'value') out.values.set(name, value)
    else out.lists.set(name, [...(out.lists.get(name) ?? []), value])
  }
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!
    if (arg === '--') {
      out.operands.push(...argv.slice(i + 1))
      break
    }
    if (arg.startsWith('--')) {
      const eq = arg.indexOf('=')
      const name = arg.slice(2, eq < 0 ? undefined : eq)
      const inline = eq < 0 ? undefined : arg.slice(eq + 1)
      set(name, inline ?? (spec[name] && spec[name] !== 'flag' ? argv[++i] : undefined), arg)
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (let j = 1; j < arg.length; j++) {
        const letter = arg[j]!
        const name = aliases[letter] ?? letter
        if (spec[name] && spec[name] !== 'flag') {
          const rest = arg.slice(j + 1)
          set(name, rest || argv[++i], `-${letter}`)
          break
        }
        set(name, undefined, `-${letter}`)
      }
    } else out.operands.push(arg)
  }
  return out
}
