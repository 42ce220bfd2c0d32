/** Shell variables: values, attributes, function-local scopes. */

export interface Variable {
  /** undefined for a name that has attributes but no value. */
  value: string | undefined
  exported: boolean
  readonly: boolean
  integer?: boolean
  /** bash: `declare -l` and `-u`: values are kept in lower or upper case. */
  letterCase?: 'lower' | 'upper' | undefined
  /** bash: `declare -n`: the name it stands for. */
  reference?: string
  /** bash: an indexed array (keys are decimal numbers, in order) or an associative one. */
  elements?: Map<string, string>
  associative?: boolean
  /** The highest index of an indexed array, where it is known. */
  last?: number | undefined
}

/** What an element of an array costs besides its bytes. */
const ELEMENT_COST = 48
/** Characters that a variable may hold: a script that doubles one for ever must not take the simulator's memory. */
const LONGEST_VALUE = 64 * 1024 * 1024

/** A variable could not be written. */
export class AssignmentError extends Error {
  constructor(
    readonly variable: string,
    readonly reason = 'is read only',
  ) {
    super(`${variable}: ${reason}`)
    this.name = 'AssignmentError'
  }
}

/** Names that a shell computes each time they are read, such as RANDOM; undefined for one that is not set now. */
export type DynamicVariables = ReadonlyMap<string, () => string | undefined>
/** Arrays that a shell computes each time they are read, such as FUNCNAME; undefined for one that is not there now. */
export type DynamicArrays = ReadonlyMap<string, () => readonly string[] | undefined>

export class Variables {
  private variables = new Map<string, Variable>()
  /** What stands in the environment but is no name of a variable: it is passed on as it came. */
  readonly passedOn: Record<string, string> = {}
  /** What `local` has hidden, one map per running function. */
  private scopes: Map<string, Variable | undefined>[] = []
  /** Told after a change of value, for PATH, OPTIND and the like. */
  onChange?: (name: string) => void
  /** Told by how many bytes the variables have grown; Infinity for more than there can be. */
  onGrowth?: (bytes: number) => void
  /** `set -a` */
  exportAll = false

  constructor(
    private readonly dynamic: DynamicVariables,
    private readonly arrays: DynamicArrays = new Map(),
  ) {}

  /** A copy for a subshell. */
  clone(dynamic: DynamicVariables, arrays: DynamicArrays): Variables {
    const copy = new Variables(dynamic, arrays)
    for (const [name, v] of this.variables) copy.variables.set(name, { ...v, ...(v.elements ? { elements: new Map(v.elements) } : {}) })
    copy.scopes = this.scopes.map((s) => new Map(s))
    copy.exportAll = this.exportAll
    Object.assign(copy.passedOn, this.passedOn)
    return copy
  }

  /** The name that a reference stands for; any other name itself. */
  private target(name: string): string {
    let to = name
    for (let i = 0; i < 10; i++) {
      const next = this.variables.get(to)?.reference
      if (next === undefined) break
      to = next
    }
    return to
  }

  /** The variable itself, also when it is a reference. */
  own(name: string): Variable | undefined {
    return this.variables.get(name) ?? this.dynamicArray(name)
  }

  lookup(name: string): Variable | undefined {
    return this.variables.get(this.target(name)) ?? this.dynamicArray(name)
  }

  private dynamicArray(name: string): Variable | undefined {
    const values = this.arrays.get(name)?.()
    if (!values) return undefined
    return { value: undefined, exported: false, readonly: false, elements: new Map(values.map((v, i) => [String(i), v])) }
  }

  /** Whether a variable, or an element given as `name[key]`, has a value. */
  isSet(name: string): boolean {
    const m = /^([A-Za-z_]\w*)\[(.*)\]$/.exec(name)
    if (!m) return this.get(name) !== undefined
    const v = this.lookup(m[1]!)
    if (m[2] === '@' || m[2] === '*') return (v?.elements?.size ?? 0) > 0 || v?.value !== undefined
    return this.getElement(m[1]!, m[2]!) !== undefined
  }

  get(name: string): string | undefined {
    const v = this.lookup(name)
    if (v?.elements) return v.elements.get('0')
    return v?.value ?? this.dynamic.get(name)?.()
  }

  /** Throws {@link AssignmentError}. */
  set(name: string, value: string): void {
    this.checkLength(name, value)
    const v = this.writable(name)
    const text = inCase(v, value)
    if (v.elements) v.elements.set('0', text)
    else v.value = text
    if (this.exportAll) v.exported = true
    this.onChange?.(name)
    this.onGrowth?.(text.length)
  }

  private checkLength(name: string, value: string): void {
    if (value.length <= LONGEST_VALUE) return
    this.onGrowth?.(Infinity)
    throw new AssignmentError(name, 'out of memory')
  }

  private writable(alias: string): Variable {
    const name = this.target(alias)
    let v = this.variables.get(name)
    if (v?.readonly) throw new AssignmentError(name)
    if (!v) this.variables.set(name, (v = { value: undefined, exported: false, readonly: false }))
    return v
  }

  getElement(name: string, key: string): string | undefined {
    const v = this.lookup(name)
    if (!v?.elements) return key === '0' ? this.get(name) : undefined
    return v.elements.get(elementKey(v, key))
  }

  setElement(name: string, key: string, value: string): void {
    this.checkLength(name, value)
    const v = this.writable(name)
    if (!v.elements) {
      v.elements = new Map(v.value === undefined ? [] : [['0', v.value]])
      v.value = undefined
    }
    const last = v.associative ? 0 : lastIndex(v)
    const { size } = v.elements
    const at = elementKey(v, key)
    v.elements.set(at, inCase(v, value))
    this.onGrowth?.(ELEMENT_COST + value.length)
    if (v.associative || v.elements.size === size) return
    // Indexed arrays are read in the order of their indexes.
    if (Number(at) > last) v.last = Number(at)
    else v.elements = new Map([...v.elements].sort((a, b) => Number(a[0]) - Number(b[0])))
  }

  /** The highest index of an array; 0 of a variable with a value, -1 of what is empty. */
  lastIndex(name: string): number {
    const v = this.lookup(name)
    return v?.elements ? lastIndex(v) : v?.value === undefined ? -1 : 0
  }

  /** Makes `name` an array; an old value is gone. */
  setArray(name: string, elements: Map<string, string>): void {
    const v = this.writable(name)
    v.value = undefined
    v.last = undefined
    v.elements = v.associative ? elements : inOrder(elements)
    if (this.onGrowth) for (const value of elements.values()) this.onGrowth(ELEMENT_COST + value.length)
  }

  /** Bytes of all values, those of the functions that called the running one included. */
  size(): number {
    let bytes = 0
    for (const scope of [this.variables, ...this.scopes])
      for (const v of scope.values()) {
        bytes += v?.value?.length ?? 0
        for (const value of v?.elements?.values() ?? []) bytes += ELEMENT_COST + value.length
      }
    return bytes
  }

  unset(alias: string): void {
    const name = this.target(alias)
    if (this.variables.get(name)?.readonly) throw new AssignmentError(name)
    this.variables.delete(name)
    this.onChange?.(name)
  }

  /** bash: `unset -n`: the reference, not what it stands for. */
  unsetReference(name: string): void {
    this.variables.delete(name)
  }

  unsetElement(name: string, key: string): void {
    if (this.variables.get(name)?.readonly) throw new AssignmentError(name)
    const v = this.lookup(name)
    v?.elements?.delete(elementKey(v, key))
    if (v) v.last = undefined
  }

  /** Gives attributes to a name, making it if needed. */
  mark(name: string, attributes: Partial<Variable>): Variable {
    let v = this.variables.get(name)
    if (!v) this.variables.set(name, (v = { value: undefined, exported: false, readonly: false }))
    Object.assign(v, attributes)
    return v
  }

  /** What commands get as their environment. */
  environment(): Record<string, string> {
    const env = Object.assign(Object.create(null) as Record<string, string>, this.passedOn)
    for (const [name, v] of this.variables) if (v.exported && v.value !== undefined) env[name] = v.value
    return env
  }

  /** The names of the variables that begin with a prefix. */
  names(prefix: string): string[] {
    return [...this.variables.keys()].filter((n) => n.startsWith(prefix) && this.get(n) !== undefined).sort()
  }

  /** All variables in the order of their names. */
  list(): [string, Variable][] {
    return [...this.variables].sort((a, b) => (a[0] < b[0] ? -1 : 1))
  }

  /** The names that the running function has made its own, in order. */
  localNames(): string[] {
    return [...(this.scopes.at(-1)?.keys() ?? [])].sort()
  }

  // Scopes.

  get inFunction(): boolean {
    return this.scopes.length > 0
  }

  pushScope(): void {
    this.scopes.push(new Map())
  }

  popScope(): void {
    for (const [name, old] of this.scopes.pop() ?? []) {
      if (old) this.variables.set(name, old)
      else this.variables.delete(name)
      this.onChange?.(name)
    }
  }

  /** Makes `name` local to the running function; `keep` lets it start with its outer value (dash, ash). */
  makeLocal(name: string, keep: boolean): void {
    const scope = this.scopes.at(-1)
    if (!scope || scope.has(name)) return
    const old = this.variables.get(name)
    scope.set(name, old)
    if (old && keep) this.variables.set(name, { ...old })
    else this.variables.set(name, { value: undefined, exported: false, readonly: false })
  }

  /** What a name has now, to be put back by {@link restore}. */
  save(name: string): Variable | undefined {
    const v = this.variables.get(name)
    return v && { ...v }
  }

  restore(name: string, saved: Variable | undefined): void {
    if (saved) this.variables.set(name, saved)
    else this.variables.delete(name)
    this.onChange?.(name)
  }
}

/** Indexed arrays are read in the order of their indexes. */
function inOrder(elements: Map<string, string>): Map<string, string> {
  let last = -1
  for (const key of elements.keys()) {
    if (Number(key) < last) return new Map([...elements].sort((a, b) => Number(a[0]) - Number(b[0])))
    last = Number(key)
  }
  return elements
}

/** Chains that bash keeps an associative array in, and how many elements make it four times as many. */
const BUCKETS = 1024
const FULL = 2

/**
 * The elements of an array in the order in which bash tells them: an indexed one's by index, an associative one's by the
 * chain that a key's hash (FNV-1) leads to, the newest of a chain first.
 */
export function entriesOf({ elements, associative }: Variable): [key: string, value: string][] {
  const entries = [...(elements ?? [])]
  if (!associative || entries.length < 2) return entries
  let buckets = BUCKETS
  while (entries.length >= buckets * FULL) buckets *= 4
  return entries
    .map((entry, i) => ({ entry, i, bucket: hashOf(entry[0]) & (buckets - 1) }))
    .sort((a, b) => a.bucket - b.bucket || b.i - a.i)
    .map(({ entry }) => entry)
}

function hashOf(key: string): number {
  let hash = 2_166_136_261
  for (const byte of Buffer.from(key)) hash = Math.imul(hash, 16_777_619) ^ byte
  return hash >>> 0
}

/** The key of an element: in an indexed array a negative one counts from the end. */
function elementKey(v: Variable, key: string): string {
  if (v.associative || !v.elements || !key.startsWith('-')) return key
  return String(lastIndex(v) + 1 + Number(key))
}

/** The highest index of an indexed array; -1 of an empty one. */
function lastIndex(v: Variable): number {
  if (v.last === undefined) {
    v.last = -1
    for (const key of v.elements?.keys() ?? []) v.last = Number(key)
  }
  return v.last
}

function inCase(v: Variable, value: string): string {
  return v.letterCase === undefined ? value : v.letterCase === 'lower' ? value.toLowerCase() : value.toUpperCase()
}
