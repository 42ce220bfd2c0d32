import { byteLength, decodeBase64 } from '../../components/bytes.js'

/** One key of a ConfigMap or Secret. */
export interface DataEntry {
  key: string
  /** The text, or a hex preview of bytes that are no UTF-8. */
  text: string
  bytes: number
  /** Kept as it is: it can be removed, not edited. */
  binary: boolean
  /** The field of the object that holds it. */
  field: 'data' | 'binaryData'
}

/** The keys of an object in order: Secrets decoded, `binaryData` of ConfigMaps after its `data`. */
export function entriesOf(object: { kind?: string; data?: object; binaryData?: object }, secret: boolean): DataEntry[] {
  const data = Object.entries((object.data ?? {}) as Record<string, string>)
  const binary = Object.entries((object.binaryData ?? {}) as Record<string, string>)
  return [
    ...data.map(([key, value]) =>
      secret
        ? { key, ...decodeBase64(value), field: 'data' as const }
        : { key, text: value, bytes: byteLength(value), binary: false, field: 'data' as const },
    ),
    ...binary.map(([key, value]) => ({ key, ...decodeBase64(value), binary: true, field: 'binaryData' as const })),
  ]
}

/** Text as a Secret holds it: UTF-8 in base64. */
export function encodeBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (b) => String.fromCharCode(b)).join(''))
}

/** The merge patch that sets one key, or removes it (null), and leaves all others alone. */
export function keyPatch(entry: Pick<DataEntry, 'key' | 'field'>, text: string | null, secret: boolean): Record<string, unknown> {
  return { [entry.field]: { [entry.key]: text === null ? null : secret ? encodeBase64(text) : text } }
}

/** Why a name cannot be a key of a ConfigMap or Secret; undefined when it can. */
export function keyProblem(key: string, known: readonly string[]): 'taken' | 'characters' | undefined {
  if (known.includes(key)) return 'taken'
  return /^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== '.' && !key.startsWith('..') ? undefined : 'characters'
}
