/** Structures as messages of the API server show them: its own form of them, with all fields, as JSON. */
import { field, type FieldError } from '../../errors.js'
import { FIELD_IMMUTABLE } from './checks.js'
import { SERVER_TYPES, type ServerType } from './server-types.js'
import { formatQuantity, tryParseQuantity } from './quantity.js'
import { isEmpty, semanticEqual, shownMap, unset, type SentMap } from './sent.js'
import { shownSelector, type SentSelector } from './selectors.js'

/** One field of a structure; with `spread` the fields of another one stand in its place. */
interface Field {
  readonly name: string
  readonly wire: string
  readonly type: string
  readonly spread: boolean
}

type Fields = Readonly<Record<string, unknown>>

const parsed = new Map<ServerType, readonly Field[]>()

/** Numbers and texts that are never null in the server's own form. */
const ZERO: Readonly<Record<string, unknown>> = { string: '', bool: false, int: 0, port: 0, quantity: '0' }

/** `httpGet` for `HTTPGet`: the capitals that a name begins with, all but that of its second word. */
function wireName(name: string): string {
  const capitals = /^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/.exec(name)?.[0] ?? ''
  return capitals.toLowerCase() + name.slice(capitals.length)
}

/** The fields of a structure in the server's order, with their names on the wire. */
export function serverFields(type: ServerType): readonly Field[] {
  const known = parsed.get(type)
  if (known) return known
  const fields = SERVER_TYPES[type].split(/\s+/).map((text): Field => {
    if (text.startsWith('+')) return { name: '', wire: '', type: text.slice(1), spread: true }
    const [names = '', kind = ''] = text.split(':')
    const [name = '', wire = wireName(name)] = names.split('=')
    return { name, wire, type: kind, spread: false }
  })
  parsed.set(type, fields)
  return fields
}

/** A structure in the server's own form. What is missing is null, or nothing where the server cannot have null. */
export function serverForm(type: ServerType, value: object | null | undefined): Record<string, unknown> {
  const from = (type === 'PodSpec' ? withHostFlags(value as Fields) : (value ?? {})) as Fields
  const form: Record<string, unknown> = {}
  for (const { name, wire, type: of, spread } of serverFields(type)) {
    if (spread) Object.assign(form, serverForm(of as ServerType, from))
    else if (of === 'metadata') Object.assign(form, shownMetadata(from['metadata'] as Fields | undefined))
    else form[name] = valueForm(of, from[wire])
  }
  return form
}

/** What a pod shares with its node is part of its security context there. */
function withHostFlags(spec: Fields | null | undefined): Fields {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = spec ?? {}
  const context = { ...(spec?.['securityContext'] as Fields | undefined), hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers }
  return { ...spec, securityContext: context }
}

/** What a template's metadata may have, in order. */
const METADATA = ['name', 'generateName', 'namespace', 'labels', 'annotations', 'ownerReferences', 'finalizers']

/** Metadata are written as everywhere, without what is not there. */
function shownMetadata(metadata: Fields | null | undefined): Record<string, unknown> {
  const shown: Record<string, unknown> = {}
  for (const name of METADATA) {
    const value = metadata?.[name]
    if (unset(value) || (typeof value === 'object' && isEmpty(value))) continue
    shown[name] = Array.isArray(value) || typeof value === 'string' ? value : shownMap(value as SentMap)
  }
  return shown
}

function valueForm(type: string, value: unknown): unknown {
  const missing = value === undefined || value === null
  if (type in ZERO) return missing ? ZERO[type] : type === 'quantity' ? shownQuantity(value) : value
  if (type === '*') return missing ? null : value
  if (type === 'map') return shownMap(value as SentMap)
  if (type === 'selector') return missing ? null : shownSelector(value as SentSelector)
  if (type.startsWith('[]')) {
    if (missing) return null
    const list = value as unknown[]
    return type === '[]' ? list : list.map((e) => serverForm(type.slice(2) as ServerType, e as object))
  }
  if (type.startsWith('*')) return missing ? null : serverForm(type.slice(1) as ServerType, value as object)
  return serverForm(type as ServerType, value as object | null | undefined)
}

function shownQuantity(value: unknown): string {
  const amount = tryParseQuantity(value as string)
  return amount ? formatQuantity(amount) : '0'
}

/** A structure that may not change; it is shown in the server's own form. */
export function checkStructure(
  type: ServerType,
  value: object | null | undefined,
  old: object | null | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (!semanticEqual(value, old)) errors.push(field.invalid(path, value ? serverForm(type, value) : null, FIELD_IMMUTABLE))
}
