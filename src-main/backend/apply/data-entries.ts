/** The keys and values of a ConfigMap or Secret from literals, files and env files, by the rules of `kubectl create configmap`. */
import { BackendError } from '../errors.js'
import type { DataSource } from '../rpc/contract.js'

export interface DataEntry {
  key: string
  value: string | Uint8Array
}

const invalid = (message: string): BackendError => new BackendError({ reason: 'Invalid', message })

/** `key=value`; quotes around the value are taken off, as kustomize does. */
export function literalEntry(literal: string): DataEntry {
  const equals = literal.indexOf('=')
  if (equals <= 0) throw invalid(`invalid literal source ${literal}, expected key=value`)
  const value = literal.slice(equals + 1)
  const quoted = /^(["'])(.*)\1$/s.exec(value)
  return { key: literal.slice(0, equals), value: quoted ? quoted[2]! : value }
}

/** The lines `KEY=value` of an env file; empty lines and comments are left out. A key without `=` has no value here: it is empty. */
export function envFileEntries(text: string): DataEntry[] {
  const entries: DataEntry[] = []
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trimStart()
    if (line === '' || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    const key = equals < 0 ? line : line.slice(0, equals)
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(key))
      throw invalid(
        `line ${i + 1}: "${key}" is not a valid key name: a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit`,
      )
    entries.push({ key, value: equals < 0 ? '' : line.slice(equals + 1) })
  }
  return entries
}

/** The text of bytes; undefined when they are not UTF-8. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * `data` (and `binaryData` of a ConfigMap, for what is not UTF-8). The values of a Secret are base64. Throws on a key that is given twice
 * or is not valid.
 */
export function dataEntries(
  kind: 'ConfigMap' | 'Secret',
  entries: readonly DataEntry[],
): { data?: Record<string, string>; binaryData?: Record<string, string> } {
  const data: Record<string, string> = {}
  const binaryData: Record<string, string> = {}
  for (const { key, value } of entries) {
    if (!/^[-._a-zA-Z0-9]+$/.test(key))
      throw invalid(
        `"${key}" is not a valid key name: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      )
    if (key in data || key in binaryData) throw invalid(`cannot add key "${key}", another key by that name already exists`)
    const base64 = (): string => Buffer.from(value as string).toString('base64')
    if (kind === 'Secret') data[key] = base64()
    else {
      const text = typeof value === 'string' ? value : utf8(value)
      if (text === undefined) binaryData[key] = base64()
      else data[key] = text
    }
  }
  return { ...(Object.keys(data).length ? { data } : {}), ...(Object.keys(binaryData).length ? { binaryData } : {}) }
}

/** {@link dataEntries} of what a person typed and chose. Literals keep their quotes: they were not written for a shell. */
export function sourcedEntries(kind: 'ConfigMap' | 'Secret', sources: readonly DataSource[]): ReturnType<typeof dataEntries> {
  return dataEntries(
    kind,
    sources.flatMap((s): DataEntry[] => {
      if ('envFile' in s) return envFileEntries(Buffer.from(s.envFile).toString('utf8'))
      if ('bytes' in s) return [{ key: s.key, value: s.bytes }]
      const equals = s.literal.indexOf('=')
      if (equals <= 0) throw invalid(`invalid literal source ${s.literal}, expected key=value`)
      return [{ key: s.literal.slice(0, equals), value: s.literal.slice(equals + 1) }]
    }),
  )
}
