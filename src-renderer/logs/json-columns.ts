/** Keys that say the most come first; a time is left to the log's own timestamps. */
const first = ['level', 'severity', 'lvl', 'msg', 'message']
const times = new Set(['ts', 'time', 'timestamp', '@timestamp'])
/** A wide value does not push all others out of sight, letters. */
const WIDEST = 60
/** How deep objects in objects are told as fields of their own: `http.request.method`. */
const DEEPEST = 4

type JsonObject = Record<string, unknown>
const isObject = (x: unknown): x is JsonObject => typeof x === 'object' && x !== null && !Array.isArray(x)

/** The object that a line is; undefined where it is none. */
function objectIn(line: string): JsonObject | undefined {
  const start = line.trimStart()
  if (!start.startsWith('{')) return undefined
  try {
    return JSON.parse(start) as JsonObject
  } catch {
    return undefined
  }
}

/** The value at a path with dots; a key that has dots itself comes first. */
function valueAt(object: JsonObject, path: string): unknown {
  if (Object.hasOwn(object, path)) return object[path]
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const inner = object[path.slice(0, dot)]
    const found = isObject(inner) ? valueAt(inner, path.slice(dot + 1)) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function pathsIn(object: JsonObject, before: string, deep: number, found: Set<string>): void {
  for (const [key, value] of Object.entries(object)) {
    const path = before + key
    if (isObject(value) && deep < DEEPEST && Object.keys(value).length) pathsIn(value, `${path}.`, deep + 1, found)
    else found.add(path)
  }
}

/** The fields of lines that are JSON objects, those within objects by their path; those that say the most come first. */
export function fieldsOf(lines: Iterable<string>): string[] {
  const found = new Set<string>()
  for (const line of lines) {
    const object = objectIn(line)
    if (object) pathsIn(object, '', 1, found)
  }
  return [...first.filter((f) => found.has(f)), ...[...found].filter((f) => !first.includes(f))]
}

/**
 * Lays lines that are JSON objects out in columns. A column gets its place when its key is first seen and only ever widens, so that what
 * is read does not jump from line to line.
 */
export class JsonColumns {
  private readonly widths = new Map<string, number>()

  /** @param fields the fields to show, in their order; left out: all, without times */
  constructor(private readonly fields?: readonly string[]) {
    for (const field of fields ?? []) this.widths.set(field, 0)
  }

  /** The values of a line in columns, or the line itself when it is no JSON object. */
  format(line: string): string {
    const object = objectIn(line)
    if (!object) return line
    const values = this.fields ? this.chosen(object, this.fields) : all(object)
    for (const [key, text] of values) this.widths.set(key, Math.max(this.widths.get(key) ?? 0, Math.min(WIDEST, text.length)))
    return [...this.widths]
      .map(([key, width]) => (values.get(key) ?? '').padEnd(width))
      .join('  ')
      .trimEnd()
  }

  private chosen(object: JsonObject, fields: readonly string[]): Map<string, string> {
    const found = fields.map((field) => [field, valueAt(object, field)] as const).filter(([, value]) => value !== undefined)
    return new Map(found.map(([field, value]) => [field, textOf(field, value)]))
  }
}

/** What everybody knows the meaning of needs no name. */
function textOf(field: string, value: unknown): string {
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('\n', '⏎')
  return first.includes(field) || times.has(field) ? text : `${field}=${text}`
}

function all(object: JsonObject): Map<string, string> {
  const keys = [...first.filter((k) => k in object), ...Object.keys(object)]
  return new Map(keys.filter((key) => !times.has(key)).map((key) => [key, textOf(key, object[key])]))
}
