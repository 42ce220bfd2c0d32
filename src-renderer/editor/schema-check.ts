import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Node } from 'yaml'
import type { OpenApiSchema } from '../../src-main/backend/rpc/contract.js'
import { foundType, hasType, isOpen, kindSchema, member, resolve, type Schemas } from './schema.js'

/** What is wrong with a place in a text; `from` and `to` are offsets. Syntax comes in the parser's words, the rest is for the window to say. */
export interface SchemaProblem {
  from: number
  to: number
  what: 'syntax' | 'unknown' | 'type' | 'enum' | 'missing'
  values: Record<string, string>
}

/** `apps/v1` in its two parts. */
export function groupVersion(apiVersion: string): { group: string; version: string } {
  const [a, b] = apiVersion.split('/')
  return b === undefined ? { group: '', version: a! } : { group: a!, version: b }
}

/** Checks each document of a text against the schema of its kind. Documents of kinds that are not known are checked for syntax only. */
export async function checkYaml(text: string, load: (group: string, version: string) => Promise<Schemas | null>): Promise<SchemaProblem[]> {
  const out: SchemaProblem[] = []
  for (const doc of parseAllDocuments(text, { version: '1.1', lineCounter: new LineCounter() })) {
    for (const e of doc.errors)
      out.push({ from: e.pos[0], to: Math.max(e.pos[0], e.pos[1]), what: 'syntax', values: { message: e.message.split('\n')[0]! } })
    if (doc.errors.length || !isMap(doc.contents)) continue
    const apiVersion = doc.get('apiVersion')
    const kind = doc.get('kind')
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') continue
    const gv = groupVersion(apiVersion)
    const all = await load(gv.group, gv.version)
    const schema = all && kindSchema(all, { ...gv, kind })
    if (all && schema) checkNode(all, schema, doc.contents, '', out)
  }
  return out
}

function checkNode(all: Schemas, given: OpenApiSchema, node: Node | null, path: string, out: SchemaProblem[]): void {
  const schema = resolve(all, given)
  const range = node?.range
  if (!schema || !node || !range) return
  const tell = (what: SchemaProblem['what'], values: Record<string, string>, at = range): void =>
    void out.push({ from: at[0], to: at[1], what, values })
  const value: unknown = isMap(node) ? {} : isSeq(node) ? [] : isScalar(node) ? node.value : null
  // Dates of YAML 1.1 are strings in JSON.
  const plain = value instanceof Date ? '' : value
  if (!hasType(schema, plain)) return tell('type', { field: path || '.', type: schema.type!, found: foundType(plain) })
  if (schema.enum && plain !== null && !schema.enum.includes(plain)) return tell('enum', { field: path, values: schema.enum.join(', ') })
  if (isSeq(node)) {
    node.items.forEach((item, i) => {
      const of = member(all, schema, i)
      if (of) checkNode(all, of, item as Node, `${path}[${i}]`, out)
    })
    return
  }
  if (!isMap(node)) return
  const keys = new Set<string>()
  for (const pair of node.items) {
    const key = pair.key
    if (!isScalar(key)) continue
    const name = String(key.value)
    keys.add(name)
    const field = path ? `${path}.${name}` : name
    const of = member(all, schema, name)
    if (of) checkNode(all, of, pair.value as Node | null, field, out)
    else if (!isOpen(schema) && key.range) tell('unknown', { field }, key.range)
  }
  for (const name of schema.required ?? [])
    if (!keys.has(name)) {
      const first = node.items[0]?.key
      const at = isScalar(first) && first.range ? first.range : range
      tell('missing', { field: path ? `${path}.${name}` : name }, at)
    }
}
