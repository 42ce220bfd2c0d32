/** A book of acknowledged writes, to see that none is lost: each must be in history as it was answered, and the last of each object must stay. */
import { isDeepStrictEqual } from 'node:util'
import { parse as parseYaml } from 'yaml'
import type { KubeObject } from '../../src-main/cluster/api/object.js'
import type { Kind } from '../../src-main/cluster/api/kinds/kind.js'
import { builtinKinds } from '../../src-main/cluster/api/kinds/registry.js'
import type { Request } from '../kubectl/support/requests.js'
import type { FuzzRequest } from './requests.js'
import { LEDGER } from './resources.js'
import type { FuzzAnswer } from './send.js'

/** Kinds that no part of a cluster writes, so that what was acknowledged last is what is there. */
const QUIET = new Set([
  'configmaps',
  'podtemplates',
  'leases',
  'roles',
  'rolebindings',
  'limitranges',
  'networkpolicies',
  'controllerrevisions',
  'csistoragecapacities',
  'priorityclasses',
  'runtimeclasses',
  'ingressclasses',
  'csidrivers',
  'widgets',
])

const stored = (builtinKinds as readonly Kind[]).filter((k) => !k.virtual)
const kinds = new Map(stored.map((k) => [`${k.group}/${k.version}/${k.plural}`, k.kind]))
kinds.set('fuzz.example/v1/widgets', 'Widget').set('fuzz.example/v2/widgets', 'Widget')

/** A write that was answered with the object that it stored. */
interface Entry {
  /** Path of the collection. */
  readonly collection: string
  readonly plural: string
  readonly object: KubeObject
  readonly revision: number
}

/**
 * Whether a request was not to be done in earnest; undefined when that cannot be told. A DELETE with options in its body
 * goes by these alone, and an empty list of stages is no dry run.
 */
function isDryRun({ method, path, body }: FuzzRequest): boolean | undefined {
  if (method !== 'DELETE' || !body) return /[?&]dryRun=[^&]/.test(path)
  if (!body.includes('dryRun')) return false
  try {
    const stages = (parseYaml(body) as { dryRun?: unknown } | null)?.dryRun
    return Array.isArray(stages) && stages.length > 0
  } catch {
    return undefined
  }
}

/** Writes that may be answered, but not noted, when the deletion of a collection is. */
const IN_FLIGHT = 100

const PATH =
  /^(\/api\/(?<core>[^/]+)|\/apis\/(?<group>[^/]+)\/(?<version>[^/]+))(\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[a-z]+)(\/(?<name>[^/?]+))?(\/(?<sub>[^/?]+))?\/*(\?|$)/

function parse(text: string): KubeObject | undefined {
  try {
    return JSON.parse(text) as KubeObject
  } catch {
    return undefined
  }
}

export class Ledger {
  /** The latest entry of each object, by uid. */
  private readonly latest = new Map<string, Entry>()
  /** Objects whose deletion was acknowledged, or may have been part of a larger one. */
  private readonly gone = new Set<string>()
  /** Up to which revision the objects of a resource may have been deleted together. */
  private readonly swept = new Map<string, number>()
  /** The highest revision that an answer has told of. */
  private newest = 0
  private unchecked: Entry[] = []
  /** How many writes were acknowledged and looked up again. */
  checked = 0

  /** Notes what an answer says to have been done. */
  note(request: FuzzRequest, answer: FuzzAnswer): void {
    if (answer.code < 200 || answer.code > 299 || request.method === 'GET' || request.method === 'HEAD') return
    if (request.via === 'raw') return this.forgetAll(answer.text)
    const dry = isDryRun(request)
    if (dry) return
    const object = parse(answer.text)
    const at = PATH.exec(request.path)?.groups
    if (!at) return
    if (dry === undefined) return this.forgetNamed(at['plural']!, at['name'] ?? '')
    if (!object || !('metadata' in object)) {
      // Answered as YAML or as a table: what became of the object is not known.
      if (request.method === 'DELETE' || at['name']) this.forgetNamed(at['plural']!, at['name'] ?? '')
      return
    }
    if (request.method === 'DELETE') {
      this.noteDelete(at['plural']!, at['name'] ?? '', object)
      if (!object.metadata?.finalizers?.length) return
    }
    const { uid, resourceVersion, name } = object.metadata ?? {}
    const kind = kinds.get(`${at['group'] ?? ''}/${at['core'] ?? at['version']!}/${at['plural']!}`)
    if (!uid || !resourceVersion || !name || object.kind !== kind || !('apiVersion' in object) || object.kind === 'Scale') {
      // Answered in another form, such as metadata only.
      if (at['name']) this.forgetNamed(at['plural']!, at['name'])
      return
    }
    const root = at['core'] ? `/api/${at['core']}` : `/apis/${at['group']}/${at['version']}`
    const collection = `${root}${at['namespace'] ? `/namespaces/${at['namespace']}` : ''}/${at['plural']}`
    // The write that takes the last finalizer away is the end of the object and not stored itself.
    if (object.metadata.deletionTimestamp && !object.metadata.finalizers?.length && !object.metadata.deletionGracePeriodSeconds) {
      this.gone.add(uid)
      return
    }
    const entry = { collection, plural: at['plural']!, object, revision: Number(resourceVersion) }
    this.newest = Math.max(this.newest, entry.revision)
    this.unchecked.push(entry)
    if ((this.latest.get(uid)?.revision ?? 0) < entry.revision) this.latest.set(uid, entry)
  }

  /** Notes a request that may or may not have been done. */
  noteUnanswered(request: FuzzRequest): void {
    const at = PATH.exec(request.path)?.groups
    if (at && request.method !== 'GET') this.forgetNamed(at['plural']!, at['name'] ?? '')
  }

  private noteDelete(plural: string, name: string, answer: KubeObject): void {
    if (Array.isArray(answer['items'])) this.forgetNamed(plural, '', Number(answer.metadata.resourceVersion) || undefined)
    const details = answer['details'] as { uid?: string } | undefined
    if (details?.uid) this.gone.add(details.uid)
    else if (answer.metadata.uid && !answer.metadata.finalizers?.length) this.gone.add(answer.metadata.uid)
    else if (!answer.metadata.uid) this.forgetNamed(plural, name)
  }

  /** Forgets all objects that an answer speaks of: it is not known what the request was. */
  private forgetAll(text: string): void {
    for (const [, uid] of text.matchAll(/"uid":\s*"([^"]+)"/g)) this.gone.add(uid!)
  }

  /**
   * Forgets all objects of a resource, or those of a name. Answers do not come in the order of the writes: what was
   * created before a collection was deleted may be noted after it, so the revision of that counts, too.
   */
  private forgetNamed(plural: string, name: string, revision = this.newest + IN_FLIGHT): void {
    if (!name) this.swept.set(plural, Math.max(this.swept.get(plural) ?? 0, revision))
    const decoded = nameOf(name)
    for (const [uid, entry] of this.latest)
      if (entry.plural === plural && (!name || entry.object.metadata.name === decoded)) this.gone.add(uid)
  }

  /** Looks up all new entries in history, each at the revision that it was answered with. Gives what is wrong. */
  async checkHistory(get: Request): Promise<string[]> {
    const entries = this.unchecked
    this.unchecked = []
    const wrong: string[] = []
    await Promise.all(
      entries.map(async ({ collection, object, revision }) => {
        const name = object.metadata.name!
        const selector = encodeURIComponent(`metadata.name=${name.replace(/[\\,=]/g, '\\$&')}`)
        const query = `fieldSelector=${selector}&resourceVersion=${revision}&resourceVersionMatch=Exact`
        const answer = await get('GET', `${collection}?${query}`)
        if (answer.code === 410 || answer.code === 404) return
        this.checked++
        const found = (answer.json as { items?: KubeObject[] } | undefined)?.items?.[0]
        if (!found || !sameObject(found, object))
          wrong.push(
            `${collection}/${name} at ${revision}: acknowledged ${JSON.stringify(object)}, found (${answer.code}) ${JSON.stringify(found)}`,
          )
      }),
    )
    return wrong
  }

  /** Looks whether the objects of the quiet kinds are as they were last acknowledged. Gives what is wrong. */
  async checkPresent(get: Request): Promise<string[]> {
    const wrong: string[] = []
    const lists = new Map<string, Map<string, KubeObject> | undefined>()
    for (const [uid, { collection, plural, object, revision }] of this.latest) {
      if (revision <= (this.swept.get(plural) ?? 0)) continue
      const { namespace, name, ownerReferences, finalizers } = object.metadata
      if (!QUIET.has(plural) || this.gone.has(uid) || name === 'kube-root-ca.crt') continue
      // These the garbage collector follows up.
      if (ownerReferences?.length || finalizers?.some((f) => f === 'orphan' || f === 'foregroundDeletion')) continue
      if (namespace && namespace !== LEDGER) continue
      if (!lists.has(collection)) {
        const answer = await get('GET', collection)
        const items = (answer.json as { items?: KubeObject[] } | undefined)?.items
        lists.set(collection, answer.code === 200 ? new Map(items?.map((item) => [item.metadata.uid!, item])) : undefined)
      }
      const list = lists.get(collection)
      // The definition of a custom resource may have been deleted, and all objects with it.
      if (plural === 'widgets' && !list?.has(uid)) continue
      const found = list?.get(uid)
      if (!found || !sameObject(found, object))
        wrong.push(`${collection}/${name}: acknowledged ${JSON.stringify(object)}, there is ${JSON.stringify(found)}`)
    }
    return wrong
  }

  get size(): number {
    return this.latest.size
  }
}

/** The name in a path; as it stands when its encoding is broken. */
function nameOf(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Whether an item of a list is the object; lists of built-in kinds leave its type out. */
function sameObject(item: KubeObject, object: KubeObject): boolean {
  return isDeepStrictEqual({ ...item, kind: object.kind, apiVersion: object.apiVersion }, object)
}
