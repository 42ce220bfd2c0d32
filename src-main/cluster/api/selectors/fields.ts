/** Field selectors: `metadata.name=web,status.phase!=Running`, limited to the fields that a kind supports. */
import { badRequest } from '../errors.js'
import type { Kind } from '../kinds/kind.js'
import type { KubeObject } from '../object.js'

interface Requirement {
  readonly field: string
  readonly equal: boolean
  readonly value: string
}

export interface FieldSelector {
  matches(object: KubeObject): boolean
  /** The name that is asked for, if the selector asks for exactly one. */
  readonly name: string | undefined
  readonly namespace: string | undefined
}

/**
 * Parses a field selector; undefined when it selects everything. `names` translates the fields of a version that is not
 * stored. Throws a 400 in the API's wording.
 */
export function parseFieldSelector(
  text: string | undefined,
  kind: Kind,
  names?: Readonly<Record<string, string>>,
): FieldSelector | undefined {
  if (!text) return undefined
  // The first fault is told, and terms are gone through in order.
  const requirements = split(text)
    .sort()
    .filter((term) => term !== '')
    .map((term) => parseTerm(term, text))
  if (requirements.length === 0) return undefined
  const checks = requirements.map(({ field, equal, value }) => {
    const read = reader(field, kind, names)
    return (object: KubeObject): boolean => (read(object) === value) === equal
  })
  const only = (field: string): string | undefined => requirements.find((r) => r.field === field && r.equal)?.value
  return {
    matches: (object) => checks.every((check) => check(object)),
    name: only('metadata.name'),
    namespace: only('metadata.namespace'),
  }
}

/** The name a list or watch is limited to by its field selector: access rules with resourceNames go by it. */
export function nameInSelector(text: string | null): string | undefined {
  return equalityIn(text ?? '', 'metadata.name')
}

/** The value that a field selector asks of a field; undefined when it does not, or cannot be read. */
export function equalityIn(text: string | undefined, name: string): string | undefined {
  if (!text) return undefined
  try {
    return split(text)
      .map((term) => parseTerm(term, text))
      .find((r) => r.field === name && r.equal)?.value
  } catch {
    return undefined
  }
}

function reader(name: string, kind: Kind, names?: Readonly<Record<string, string>>): (object: KubeObject) => string {
  if (name === 'metadata.name') return (o) => o.metadata.name ?? ''
  if (name === 'metadata.namespace' && (kind.namespaced || !kind.fields)) return (o) => o.metadata.namespace ?? ''
  const own = kind.fields?.[names ? (names[name] ?? '') : name]
  if (own) return own
  // Kinds with selectors of their own have their own conversion function, with another message than the default one.
  if (kind.fields) throw badRequest(`field label not supported: ${name}`)
  throw badRequest(`"${name}" is not a known field selector: only "metadata.name", "metadata.namespace"`)
}

/** Splits at commas that are not escaped. */
function split(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === ',') {
      terms.push(text.slice(start, i))
      start = i + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

function parseTerm(term: string, whole: string): Requirement {
  for (let i = 0; i < term.length; i++) {
    const operator = term.startsWith('!=', i) ? '!=' : term.startsWith('==', i) ? '==' : term[i] === '=' ? '=' : undefined
    if (!operator) continue
    return { field: term.slice(0, i), equal: operator !== '!=', value: unescape(term.slice(i + operator.length)) }
  }
  throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`)
}

/** Backslash, comma and equals sign are escaped in values; nothing else may be. A bare one is told by its number, as Go prints runes. */
function unescape(value: string): string {
  let out = ''
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!
    if (c === '\\') {
      const next = value[++i]
      if (next === undefined || !'\\,='.includes(next)) throw badRequest(`invalid field selector: invalid escape sequence: \\${next ?? ''}`)
      out += next
    } else if (c === '=' || c === ',') throw badRequest(`invalid field selector: unescaped character in value: ${c.codePointAt(0)}`)
    else out += c
  }
  return out
}
