/** Reads the text of a search: words that an object has to answer, each about a field or about all of them. */
import { BackendError } from '../errors.js'
import type { SearchField } from '../rpc/contract.js'

/** One word of a search. */
export interface SearchTerm {
  /** Left out: any of the fields in which text is looked for. */
  field?: SearchField
  inverse: boolean
  /** As it was typed, for messages. */
  text: string
  /** The values that are asked for; one of them is enough. Empty for a regular expression. */
  values: string[]
  regex?: RegExp
}

const aliases: Record<string, SearchField> = {
  kind: 'kind',
  ns: 'ns',
  namespace: 'ns',
  name: 'name',
  label: 'label',
  annotation: 'annotation',
  image: 'image',
  ip: 'ip',
  host: 'host',
  node: 'node',
  status: 'status',
  cluster: 'cluster',
  context: 'cluster',
}
/** Fields whose values are names: they are compared as a whole, `*` stands for any text in them. */
const named = new Set<SearchField>(['kind', 'ns', 'node', 'cluster'])

const WORD = /(!)?(?:([A-Za-z]+):)?(?:"([^"]*)"|\/((?:\\.|[^/\\])+)\/(?=\s|$)|(\S+))/g

/** The terms of a text; all of them have to be answered. Throws `Invalid`, with the part that cannot be read as its field. */
export function parseSearchQuery(text: string): SearchTerm[] {
  const terms: SearchTerm[] = []
  for (const m of text.trim().matchAll(WORD)) {
    const [part, not, prefix, quoted, pattern, plain] = m
    // `kind:` while it is being typed asks for nothing yet.
    if (plain?.endsWith(':') && aliases[plain.slice(0, -1).toLowerCase()]) continue
    const field = prefix ? aliases[prefix.toLowerCase()] : undefined
    // `nginx:1.27` and `system:node` are text, not fields.
    const value = (prefix && !field ? `${prefix}:` : '') + (quoted ?? plain ?? '')
    const term: SearchTerm = { inverse: not !== undefined, text: part, values: [], ...(field ? { field } : {}) }
    if (pattern !== undefined && (field || !prefix)) {
      try {
        term.regex = new RegExp(pattern, 'i')
      } catch (error) {
        throw new BackendError({ reason: 'Invalid', message: (error as Error).message, causes: [{ field: part, message: '' }] })
      }
    } else if (pattern !== undefined) term.values = [`${prefix}:/${pattern}/`.toLowerCase()]
    else term.values = (field && quoted === undefined ? value.split(',') : [value]).map((v) => v.toLowerCase()).filter(Boolean)
    if (term.regex || term.values.length) terms.push(term)
  }
  return terms
}

/** Whether a text answers a term. */
export function answers(term: SearchTerm, text: string): boolean {
  if (term.regex) return term.regex.test(text)
  const lower = text.toLowerCase()
  if (term.field && named.has(term.field)) return term.values.some((v) => glob(v, lower))
  return term.values.some((v) => lower.includes(v))
}

/** `app=web` asks for that label, `app` for one with the word in its key or value. */
export function answersPair(term: SearchTerm, key: string, value: string): boolean {
  if (term.regex) return term.regex.test(`${key}=${value}`)
  return term.values.some((v) => {
    const at = v.indexOf('=')
    const [k, x] = [key.toLowerCase(), value.toLowerCase()]
    return at < 0 ? k.includes(v) || x.includes(v) : k === v.slice(0, at) && glob(v.slice(at + 1), x)
  })
}

/** The names that a field is asked to have, where they are plain: the server then has to be asked for nothing else. */
export function plainNames(terms: readonly SearchTerm[], field: SearchField): string[] | undefined {
  const term = terms.find((t) => t.field === field && !t.inverse && !t.regex && t.values.every((v) => !v.includes('*')))
  return term?.values
}

function glob(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text
  const parts = pattern.split('*')
  const [first, last] = [parts[0]!, parts.at(-1)!]
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let at = first.length
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0 || found + part.length > text.length - last.length) return false
    at = found + part.length
  }
  return true
}
