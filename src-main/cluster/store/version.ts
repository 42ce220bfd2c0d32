/** One version of one key, in memory and as a record of the log on disk. */
import type { KubeObject } from '../api/object.js'
import { goEscaped, jsonText, parseExactJson } from '../../exact-json.js'
import type { RestingVersions } from './resting.js'
import type { StoredObject } from './store.js'

/** Record header: flags (1 byte: {@link TOMBSTONE}, {@link LONG}), createRevision (6 bytes), key length (2 bytes). */
const HEADER = 9
const TOMBSTONE = 1
/** Whole numbers beyond 2^53 are in the object's JSON. */
const LONG = 2

/**
 * A version whose bytes are kept, here or on disk, and its object as long as it is young or somebody else holds it, such
 * as the cache of an informer. Otherwise it is parsed when somebody looks at it: most of a large cluster's objects
 * (events, leases, all of it after a restart) never are.
 */
export class Version implements StoredObject {
  private parsed: KubeObject | undefined
  private seen: WeakRef<KubeObject> | undefined
  /** Its bytes; undefined when they are on disk only. */
  private held: Buffer | undefined
  private resting: RestingVersions | undefined

  /** @param object the frozen object, when it is at hand */
  constructor(
    readonly key: string,
    bytes: Buffer,
    readonly createRevision: number,
    readonly modRevision: number,
    object?: KubeObject,
  ) {
    this.held = bytes
    this.parsed = object
  }

  get bytes(): Buffer {
    return this.held ?? this.resting!.read(this.modRevision)
  }

  /** Belongs to what rests from now on: {@link leave} leaves its bytes to the disk, {@link recall} ends it. */
  rest(resting: RestingVersions): void {
    this.resting = resting
  }

  leave(): void {
    this.held = undefined
  }

  recall(): void {
    this.held = this.bytes
    this.resting = undefined
  }

  /** Lets go of the parsed object: its bytes say the same, and a version that history alone keeps is hardly looked at. */
  release(): void {
    this.parsed = undefined
    this.seen = undefined
  }

  /** Holds the object no more than others do: it is not young any more. */
  loosen(): void {
    if (this.parsed) this.seen = new WeakRef(this.parsed)
    this.parsed = undefined
  }

  get object(): KubeObject {
    const known = this.parsed ?? this.seen?.deref()
    if (known) return known
    const parsed = deepFreeze(this.parse(this.bytes.toString('utf8')) as KubeObject)
    this.seen = new WeakRef(parsed)
    return parsed
  }

  protected parse(text: string): unknown {
    return JSON.parse(text)
  }
}

/** A version in whose object there are whole numbers beyond 2^53. */
class LongVersion extends Version {
  protected override parse(text: string): unknown {
    return parseExactJson(text)
  }
}

const versionOf = (long: boolean, ...parts: ConstructorParameters<typeof Version>): Version =>
  long ? new LongVersion(...parts) : new Version(...parts)

/** An object as JSON as the API answers it, and whether there are long numbers in it. */
function written(object: KubeObject): { json: string; long: boolean } {
  try {
    return { json: goEscaped(JSON.stringify(object)), long: false }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { json: goEscaped(jsonText(object)), long: true }
  }
}

/** A version together with the record that goes to disk; the version's bytes are a slice of the record. */
export interface Encoded {
  readonly version: Version
  readonly record: Buffer
}

/**
 * Makes the version that `object` becomes at `revision`: sets `metadata.resourceVersion`, freezes and serialises.
 * A frozen object is not touched; its metadata is copied.
 */
export function encode(key: string, object: KubeObject, createRevision: number, revision: number, tombstone: boolean): Encoded {
  let stamped = object
  const resourceVersion = String(revision)
  if (Object.isFrozen(object) || Object.isFrozen(object.metadata)) {
    stamped = { ...object, metadata: { ...object.metadata, resourceVersion } }
  } else stamped.metadata.resourceVersion = resourceVersion
  deepFreeze(stamped)
  const { json, long } = written(stamped)
  const keyLength = Buffer.byteLength(key)
  const start = HEADER + keyLength
  const length = Buffer.byteLength(json)
  // Memory of its own: short buffers are pieces of eight KiB, all of which the last record among them would hold on to.
  const record = Buffer.allocUnsafeSlow(start + length)
  record[0] = (tombstone ? TOMBSTONE : 0) | (long ? LONG : 0)
  record.writeUIntBE(createRevision, 1, 6)
  record.writeUInt16BE(keyLength, 7)
  record.write(key, HEADER)
  // As many bytes as characters: all of it is ASCII, which is copied rather than encoded.
  record.write(json, start, length === json.length ? 'latin1' : 'utf8')
  return { version: versionOf(long, key, record.subarray(start), createRevision, revision, stamped), record }
}

/** Reads a record of the log. */
export function decode(record: Buffer, revision: number): { version: Version; tombstone: boolean } {
  const createRevision = record.readUIntBE(1, 6)
  const bytes = bodyOf(record)
  const key = record.toString('utf8', HEADER, record.length - bytes.length)
  const flags = record[0]!
  const version = versionOf((flags & LONG) !== 0, key, bytes, createRevision, revision)
  return { version, tombstone: (flags & TOMBSTONE) !== 0 }
}

/** The object's JSON in a record of the log. */
export function bodyOf(record: Buffer): Buffer {
  return record.subarray(HEADER + record.readUInt16BE(7))
}

/** Freezes a value and all it holds. What is already frozen is taken to be frozen all through, as everything stored is. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (Array.isArray(value)) for (const element of value) deepFreeze(element)
  else for (const name in value) deepFreeze(value[name])
  return Object.freeze(value)
}
