/** The addresses of socat. */

/** One address of the command line. */
export interface Address {
  kind: string
  args: string[]
  options: Map<string, string>
}

/** Reads one, as in `TCP-LISTEN:80,fork,reuseaddr`: kinds by one name each, options by theirs. */
export function parse(text: string): Address {
  const [head = '', ...options] = text.split(/(?<!\\),/)
  const colon = head.indexOf(':')
  const written = (colon < 0 ? head : head.slice(0, colon)).toUpperCase()
  const abstract = written.startsWith('ABSTRACT') && colon >= 0
  const name = abstract ? written.replace('ABSTRACT', 'UNIX') : written
  const rest = colon < 0 ? undefined : `${abstract ? '@' : ''}${head.slice(colon + 1)}`
  if (/^\d+$/.test(name)) return { kind: 'FD', args: [name], options: new Map() }
  if (colon < 0 && head.includes('/')) return { kind: 'OPEN', args: [head], options: new Map() }
  const whole = /^(EXEC|SYSTEM|SHELL|UNIX.*)$/.test(name)
  const kind = name
    .replace(/^(TCP|UDP|OPENSSL|SSL)[46](?=-|$)/, '$1')
    .replace(/^SSL/, 'OPENSSL')
    .replace(/-CONNECT$/, '')
    .replace(/-L$/, '-LISTEN')
  return {
    kind: kind === '-' ? 'STDIO' : kind,
    args: rest === undefined ? [] : whole ? [rest] : rest.split(':'),
    options: new Map(options.map((o) => { const at = o.indexOf('='); return at < 0 ? [o, ''] : [o.slice(0, at), o.slice(at + 1)] })), // prettier-ignore
  }
}

/** The program that an EXEC, SYSTEM or SHELL address runs. */
export const argvOf = ({ kind, args }: Address): string[] => (kind === 'EXEC' ? args[0]!.trim().split(/\s+/) : ['sh', '-c', args[0]!])
