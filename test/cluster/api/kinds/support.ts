/** Runs the rules of kinds as the API server does, without a server. */
import { invalid, StatusError, type FieldError } from '../../../../src-main/cluster/api/errors.js'
import type { Kind, RuleContext } from '../../../../src-main/cluster/api/kinds/kind.js'
import { builtinKinds } from '../../../../src-main/cluster/api/kinds/registry.js'
import type { KubeObject } from '../../../../src-main/cluster/api/object.js'
import { creationFaults } from '../../../../src-main/cluster/api/verbs/create.js'
import { VirtualClock } from '../../../../src-main/cluster/clock.js'
import { Random } from '../../../../src-main/cluster/random.js'

export const NOW = Date.parse('2026-11-21T09:00:00Z')

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- objects of any kind, written by hand
export type Loose = any

/** A kind by its apiVersion and name. */
export function kindOf(apiVersion: string, name: string): Kind {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  const kind = builtinKinds.find((k) => k.group === group && k.version === version && k.kind === name)
  if (!kind) throw new Error(`no kind ${apiVersion} ${name}`)
  return kind
}

/** What rules see of the world: objects that are stored, by resource, and a clock that stands still. */
export function ruleContext(options: Partial<RuleContext> & { stored?: KubeObject[] } = {}): RuleContext & { clock: VirtualClock } {
  const stored = options.stored ?? []
  return {
    user: { username: 'kubernetes-admin', groups: ['system:masters'] },
    namespace: 'default',
    random: new Random('kinds'),
    dryRun: false,
    subresource: '',
    sentGroup: '',
    warn: () => undefined,
    lookup: (_group, _resource, namespace, name) => stored.find((o) => o.metadata.namespace === namespace && o.metadata.name === name),
    lookupAll: () => stored,
    ...options,
    clock: (options.clock as VirtualClock | undefined) ?? new VirtualClock({ start: NOW, speed: 0 }),
  }
}

/** `field: message` of each error, sorted. */
export function causes(errors: readonly FieldError[]): string[] {
  return errors.map((e) => `${e.field}: ${e.body}`).sort()
}

/** An object on its way into the store: with its defaults, in its stored form, prepared, checked. */
export function created(sent: Loose, context = ruleContext()): { object: Loose; errors: FieldError[]; kind: Kind } {
  const sentAs = kindOf(sent.apiVersion, sent.kind)
  const ctx = { ...context, sentGroup: sentAs.group }
  let object = structuredClone(sent)
  object.metadata ??= {}
  if (sentAs.namespaced) object.metadata.namespace = ctx.namespace
  object.metadata.uid = '6b1e1f0a-0000-4000-8000-000000000001'
  object.metadata.creationTimestamp = '2026-11-21T09:00:00Z'
  sentAs.setDefaults?.(object)
  const kind = sentAs.storedAs ? kindOf(`${sentAs.storedAs.group}/${sentAs.storedAs.version}`.replace(/^\//, ''), sentAs.kind) : sentAs
  if (sentAs.storedAs) object = sentAs.storedAs.toStored(object)
  // Admission gives every pod an account.
  if (kind.kind === 'Pod' && object.spec) object.spec.serviceAccountName ??= 'default'
  kind.prepareForCreate?.(object, ctx)
  return { object, errors: creationFaults(sentAs, kind, object, ctx), kind }
}

/** `field: message` of each error, in the order in which they are told. */
export function inOrder(errors: readonly FieldError[]): string[] {
  return errors.map((e) => `${e.field}: ${e.body}`)
}

/** The causes with which a create is refused, be it by the rules or before them: `field: message` of each, sorted. */
export function refusedCauses(sent: Loose, ctx = ruleContext()): string[] {
  try {
    return causes(created(sent, ctx).errors)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return (error.status.details?.causes ?? []).map((c) => `${c.field}: ${c.message}`).sort()
  }
}

/** The causes of an update, and the object as it would be stored. `change` edits a copy of the old one. */
export function updated(old: Loose, change: (object: Loose) => void, ctx = ruleContext()): { object: Loose; errors: string[] } {
  const { object, errors } = changed(old, change, ctx)
  return { object, errors: causes(errors) }
}

/** The causes of an update in the order in which they are told. */
export function updateCauses(old: Loose, change: (object: Loose) => void): string[] {
  return inOrder(changed(old, change, ruleContext()).errors)
}

function changed(old: Loose, change: (object: Loose) => void, ctx: RuleContext): { object: Loose; errors: FieldError[] } {
  const kind = kindOf(old.apiVersion, old.kind)
  const object = structuredClone(old)
  change(object)
  kind.setDefaults?.(object)
  if (kind.prepareForUpdate) kind.prepareForUpdate(object, old, ctx)
  return { object, errors: [...(kind.validate?.(object, ctx) ?? []), ...(kind.validateUpdate?.(object, old, ctx) ?? [])] }
}

/** The message of the Status that a function throws. */
export function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof StatusError) return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

/** The 422 for some errors. */
export function statusOf(kind: Kind, name: string, errors: FieldError[]): Loose {
  return invalid(kind, name, errors).status
}

/** The cells of an object's row, by the names of the columns. */
export function row(object: Loose, now = NOW): Record<string, unknown> {
  const kind = kindOf(object.apiVersion, object.kind)
  return Object.fromEntries((kind.columns ?? []).map((c) => [c.name, c.cell(object, now)]))
}

/** A pod with its defaults. */
export function aPod(spec: Loose = {}, status: Loose = {}, metadata: Loose = {}): Loose {
  const sent = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', ...metadata },
    spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
  }
  const { object } = created(sent)
  return { ...object, metadata: { ...object.metadata, ...metadata }, status: { ...object.status, ...status } }
}
