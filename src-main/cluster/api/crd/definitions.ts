/**
 * Follows the stored CustomResourceDefinitions: accepts their names, serves their kinds while they are there, and
 * removes their objects before they go. Everything takes effect as soon as a definition is on disk.
 */
import { jsonText } from '../../../exact-json.js'
import { copyJson } from '../copy.js'
import { isReason } from '../errors.js'
import { prefixOf } from '../kindset.js'
import type { CustomResourceDefinition } from '../kinds/customresourcedefinition.js'
import type { Kind } from '../kinds/kind.js'
import { remove } from '../verbs/delete.js'
import type { Call, Machinery } from '../verbs/machinery.js'
import { update } from '../verbs/update.js'
import { CLEANUP, COMPLETED, IN_PROGRESS, withCleanup, withTerminating } from './cleanup.js'
import { kindsOf } from './kinds.js'
import { hasCondition, namingStatus } from './names.js'

const GROUP = 'apiextensions.k8s.io'
const RESOURCE = 'customresourcedefinitions'

/** Who writes the status: the API server itself. */
const SYSTEM = { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] }
const MANAGER = 'kube-apiserver'

/** What a definition has brought. */
interface Installed {
  /** The definition they were made from. */
  readonly definition: CustomResourceDefinition
  readonly kinds: readonly Kind[]
}

/** Starts to follow the definitions of a server. Those that are established are served when this returns. */
export function serveCustomResources(m: Machinery): { stop(): void } {
  const kind = m.kinds.find(GROUP, 'v1', RESOURCE)
  if (!kind) return { stop: () => undefined }
  const resources = new CustomResources(m, withCleanup(kind))
  return { stop: () => resources.stop() }
}

class CustomResources {
  private readonly installed = new Map<string, Installed>()
  /** By the name of a definition that is being deleted: ends the watch for its last object. */
  private readonly cleaning = new Map<string, () => void>()
  private readonly stopWatch: () => void
  private readonly prefix: string
  private stopped = false

  constructor(
    private readonly m: Machinery,
    private readonly kind: Kind<CustomResourceDefinition>,
  ) {
    m.kinds.add(kind)
    this.prefix = prefixOf(kind)
    const { revision } = m.store
    const definitions = this.all()
    for (const definition of definitions) if (hasCondition(definition, 'Established')) this.install(definition)
    for (const definition of definitions) this.sync(definition)
    this.stopWatch = m.store.watch(this.prefix, revision, (events) => {
      for (const { type, current } of events) {
        const definition = current.object as unknown as CustomResourceDefinition
        if (type === 'delete') this.forget(definition)
        else this.sync(definition)
      }
    })
  }

  stop(): void {
    this.stopped = true
    this.stopWatch()
    for (const stop of this.cleaning.values()) stop()
    this.cleaning.clear()
  }

  private all(): CustomResourceDefinition[] {
    return this.m.store.list(this.prefix).items.map((s) => s.object as unknown as CustomResourceDefinition)
  }

  private sync(definition: CustomResourceDefinition): void {
    const { name } = definition.metadata
    const others = this.all().filter((d) => d.spec.group === definition.spec.group && d.metadata.name !== name)
    const status = namingStatus(definition, others, this.m.clock.now())
    const next = status === definition.status ? definition : { ...definition, status }
    if (hasCondition(next, 'Established')) this.install(next)
    if (next !== definition) {
      this.settle(this.write(next, 'status'))
      return
    }
    if (definition.metadata.deletionTimestamp && definition.metadata.finalizers?.includes(CLEANUP)) this.clean(definition)
  }

  /** Serves the kinds of a definition in place of those that it brought before. */
  private install(definition: CustomResourceDefinition): void {
    const name = definition.metadata.name!
    const before = this.installed.get(name)
    if (before && isSame(before.definition, definition)) return
    // A path of the built-in API is answered by it, whatever is defined.
    const kinds = kindsOf(definition).filter((k) => {
      const present = this.m.kinds.find(k.group, k.version, k.plural)
      return !present || before?.kinds.includes(present)
    })
    const gone = (before?.kinds ?? []).filter((k) => !kinds.some((n) => n.version === k.version))
    this.installed.set(name, { definition, kinds })
    if (gone.length) this.m.kinds.remove(...gone)
    this.m.kinds.add(...kinds)
  }

  private forget(definition: CustomResourceDefinition): void {
    const name = definition.metadata.name!
    const before = this.installed.get(name)
    this.installed.delete(name)
    this.cleaning.get(name)?.()
    this.cleaning.delete(name)
    if (before) this.m.kinds.remove(...before.kinds)
    // Names that it had are free now.
    for (const other of this.all()) if (other.spec.group === definition.spec.group) this.sync(other)
  }

  /** Deletes the objects of a definition, and lets it go when the last one has gone. */
  private clean(definition: CustomResourceDefinition): void {
    const name = definition.metadata.name!
    if (this.cleaning.has(name)) return
    const kind = this.installed.get(name)?.kinds[0]
    if (!kind) {
      this.settle(this.release(name))
      return
    }
    const prefix = prefixOf(kind)
    let released = false
    const look = (): void => {
      if (released || this.m.store.count(prefix) > 0) return
      released = true
      this.settle(this.release(name))
    }
    this.cleaning.set(
      name,
      this.m.store.watch(prefix, this.m.store.revision, (events) => {
        // A create that was under way when the deletion began.
        if (events.some((e) => e.type === 'put' && !e.previous)) this.settle(this.removeObjects(kind))
        look()
      }),
    )
    this.settle(this.removeAll(definition, kind).then(look))
  }

  private async removeAll(definition: CustomResourceDefinition, kind: Kind): Promise<void> {
    const status = withTerminating(definition, IN_PROGRESS, this.m.clock.now())
    await this.write({ ...definition, status }, 'status')
    await this.removeObjects(kind)
  }

  private async removeObjects(kind: Kind): Promise<void> {
    const { items } = this.m.store.list(prefixOf(kind))
    await Promise.all(
      items.map(async ({ object: { metadata } }) => {
        const call = callAs(metadata.namespace ?? '')
        try {
          await remove(this.m, kind, call, metadata.name!, {})
        } catch (error) {
          if (!isReason(error, 'NotFound')) throw error
        }
      }),
    )
  }

  private async release(name: string): Promise<void> {
    const read = (): CustomResourceDefinition | undefined =>
      this.m.store.get(this.prefix + name)?.object as unknown as CustomResourceDefinition | undefined
    for (let d = read(); d?.metadata.finalizers?.includes(CLEANUP); d = read()) {
      await this.write({ ...d, status: withTerminating(d, COMPLETED, this.m.clock.now()) }, 'status')
      const written = read()
      if (!written) return
      const finalizers = (written.metadata.finalizers ?? []).filter((f) => f !== CLEANUP)
      await this.write({ ...written, metadata: { ...written.metadata, finalizers } }, '')
    }
  }

  /** Writes a definition that was changed here. Somebody who was faster brings a new event, and it is looked at again. */
  private async write(definition: CustomResourceDefinition, subresource: string): Promise<void> {
    const { name } = definition.metadata
    try {
      await update(this.m, this.kind, callAs(''), name!, copyJson(definition) as never, subresource)
    } catch (error) {
      if (!isReason(error, 'Conflict', 'NotFound')) throw error
    }
  }

  /** After the end of the server nobody waits for what was under way. */
  private settle(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.stopped) throw error
    })
  }
}

const callAs = (namespace: string): Call => ({
  user: SYSTEM,
  namespace,
  dryRun: false,
  fieldManager: MANAGER,
  fieldValidation: 'Ignore',
  warnings: [],
})

/** Whether two states of a definition bring the same kinds. */
function isSame(a: CustomResourceDefinition, b: CustomResourceDefinition): boolean {
  return a === b || shapeOf(a) === shapeOf(b)
}

function shapeOf({ metadata, spec, status }: CustomResourceDefinition): string {
  return jsonText([metadata.uid, spec, status?.acceptedNames, status?.storedVersions, Boolean(metadata.deletionTimestamp)])
}
