import type { KindInfo } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../app/i18n/i18n.js'
import type { Wording } from '../app/i18n/wording.js'
import { stillHere } from '../app/navigation.js'
import { router } from '../app/router.js'
import { resourceKey } from '../app/routes.js'
import { backend } from '../app/rpc.js'
import { wholeText } from '../components/column-filter.js'
import { useContexts } from '../stores/contexts.js'
import { useDialogs, type Target } from '../stores/dialogs.js'
import { useDock } from '../stores/dock.js'
import { useProtection } from '../stores/protection.js'
import type { KubeObject } from '../stores/object.js'
import { useToasts } from '../stores/toasts.js'
import { columnFilterQuery } from '../views/list/list-filters.js'

const t = i18n.global.t
const PODS = { group: '', version: 'v1', resource: 'pods' }

/** `a=b,c in (d,e)` from a LabelSelector, or from the plain map of a Service or ReplicationController. */
export function selectorText(selector: unknown): string {
  if (typeof selector !== 'object' || selector === null) return ''
  const s = selector as { matchLabels?: Record<string, string>; matchExpressions?: { key: string; operator: string; values?: string[] }[] }
  const plain = s.matchLabels ?? (s.matchExpressions ? {} : (selector as Record<string, string>))
  const parts = Object.entries(plain).map(([k, v]) => `${k}=${v}`)
  for (const e of s.matchExpressions ?? []) {
    if (e.operator === 'Exists') parts.push(e.key)
    else if (e.operator === 'DoesNotExist') parts.push(`!${e.key}`)
    else parts.push(`${e.key} ${e.operator === 'In' ? 'in' : 'notin'} (${(e.values ?? []).join(',')})`)
  }
  return parts.join(',')
}

async function getObject(target: Target): Promise<Record<string, never>> {
  return (await backend.call('objects.get', { context: target.context, ref: target.ref })) as Record<string, never>
}

/** Kinds whose pods have the object's name in a label. */
const NAMED_IN: Record<string, string> = { 'jobsets.jobset.x-k8s.io': 'jobset.sigs.k8s.io/jobset-name' }

/** Whether a kind that is not Kubernetes' own keeps pods that can be told by labels: JobSets, and what says so in its subresource scale. */
export function keepsPods(kind: KindInfo): boolean {
  return resourceKey(kind) in NAMED_IN || hasOwnScale(kind)
}

/** Whether how many there are of a kind stands nowhere but in its subresource scale. */
export const hasOwnScale = (kind: KindInfo): boolean => kind.scale === true && !['', 'apps'].includes(kind.group)

/** The label selector of an object's pods. Of kinds that are not Kubernetes' own it throws where they say none. */
async function podSelector(target: Target): Promise<string> {
  const { context, kind, ref } = target
  if (keepsPods(kind)) {
    const label = NAMED_IN[resourceKey(kind)]
    const scale = label ? undefined : await backend.call('objects.get', { context, ref, subresource: 'scale' })
    const said = label ? `${label}=${ref.name}` : (scale as { status?: { selector?: string } }).status?.selector
    // An empty selector would be all pods there are.
    if (!said) throw new Error(t('shell.noSelector', { name: ref.name }))
    return said
  }
  const o = (await getObject(target)) as { spec?: { selector?: unknown; podSelector?: unknown } }
  return selectorText(o.spec?.selector ?? o.spec?.podSelector)
}

export async function openLogs(target: Target): Promise<void> {
  const dock = useDock()
  if (target.kind.kind === 'Pod') {
    dock.open(target.context, target.ref.name, { type: 'logs', namespace: target.ref.namespace ?? '', pod: target.ref.name })
    return
  }
  try {
    const labelSelector = await podSelector(target)
    dock.open(target.context, target.ref.name, { type: 'workload-logs', kind: target.kind, ref: target.ref, labelSelector })
  } catch (e) {
    useToasts().failed(() => t('dialog.actionFailed', { action: t('action.logs'), name: target.ref.name }), e)
  }
}

/** The most tabs that one act opens. */
const MOST_TABS = 8

/** The logs of several objects: pods in one log, of workloads a log each. */
export async function openAllLogs(targets: Target[]): Promise<void> {
  if (targets.length > 1 && targets.every((x) => x.kind.kind === 'Pod')) {
    // A log is of one cluster.
    for (const context of new Set(targets.map((x) => x.context))) openPodLogs(targets.filter((x) => x.context === context))
    return
  }
  for (const target of targets.slice(0, MOST_TABS)) await openLogs(target)
}

/** Everything about an object, in a tab of its own. */
export function openDetailsTab({ context, kind, ref }: Target): void {
  useDock().open(context, ref.name, { type: 'details', kind, ref })
}

/** The details of several objects, a tab each. */
export function openDetailsTabs(targets: Target[]): void {
  targets.slice(0, MOST_TABS).forEach(openDetailsTab)
}

/** Pods of one cluster in one log. */
function openPodLogs([first, ...more]: Target[]): void {
  if (!first) return
  const n = more.length + 1
  const also = more.map(({ ref }) => ({ namespace: ref.namespace ?? '', pod: ref.name }))
  useDock().open(first.context, more.length ? t('logs.merged', { n }, n) : first.ref.name, {
    type: 'logs',
    namespace: first.ref.namespace ?? '',
    pod: first.ref.name,
    ...(more.length ? { container: '*', also } : {}),
  })
}

export function openPreviousLogs(target: Target): void {
  useDock().open(target.context, target.ref.name, {
    type: 'logs',
    namespace: target.ref.namespace ?? '',
    pod: target.ref.name,
    previous: true,
  })
}

export function openShell(target: Target, container?: string): void {
  useDock().open(target.context, target.ref.name, {
    type: 'shell',
    namespace: target.ref.namespace ?? '',
    pod: target.ref.name,
    mode: 'exec',
    ...(container ? { container } : {}),
  })
}

/** Opens a shell in a pod, or in one of a workload's: one that is ready before one that only runs, as kubectl exec takes it. */
export async function openShellIn(target: Target): Promise<void> {
  if (target.kind.kind === 'Pod') return openShell(target)
  const { context, ref } = target
  try {
    const resource = { ...PODS, ...(ref.namespace ? { namespace: ref.namespace } : {}) }
    const labelSelector = await podSelector(target)
    // An empty selector would be all pods there are.
    const found = labelSelector ? await backend.call('objects.list', { context, resource, labelSelector }) : []
    const pods = found as unknown as KubeObject[]
    const ready = (o: KubeObject) =>
      (o.status?.conditions ?? []).some((c: { type: string; status: string }) => c.type === 'Ready' && c.status === 'True')
    const running = pods.filter((o) => o.status?.phase === 'Running' && !o.metadata.deletionTimestamp)
    const chosen = running.find(ready) ?? running[0]
    const to = chosen && targetOf(context, { apiVersion: 'v1', kind: 'Pod', name: chosen.metadata.name, namespace: ref.namespace ?? '' })
    if (to) openShell(to)
    else useToasts().add({ tone: 'info', text: () => t('shell.noPod', { name: ref.name }) })
  } catch (e) {
    useToasts().failed(() => t('dialog.actionFailed', { action: t('action.shell'), name: ref.name }), e)
  }
}

export function openAttach(target: Target): void {
  useDock().open(target.context, target.ref.name, {
    type: 'shell',
    namespace: target.ref.namespace ?? '',
    pod: target.ref.name,
    mode: 'attach',
  })
}

/** Opens the login shell of this machine with a KUBECONFIG for a context; a context that asks for confirmation is asked for first. */
export async function openLocalTerminal(context: string, namespace?: string): Promise<void> {
  if (!(await useProtection().allow(context))) return
  const title = t('shell.localTitle', { context: useContexts().title(context) })
  useDock().open(context, title, { type: 'local', ...(namespace ? { namespace } : {}) })
}

/** Runs the credential plugin of a context in a terminal, for the person to answer what it asks. */
export function askPlugin(context: string): void {
  useDock().open(context, t('connection.pluginTitle', { context: useContexts().title(context) }), { type: 'plugin' })
}

export function openYaml(target: Target): void {
  useDock().open(target.context, target.ref.name, { type: 'yaml', kind: target.kind, ref: target.ref })
}

export function openForward(target: Target): void {
  useDialogs().open({ type: 'forward', target })
}

export function openFiles(target: Target): void {
  useDock().open(target.context, target.ref.name, { type: 'files', namespace: target.ref.namespace ?? '', pod: target.ref.name })
}

export function openCopy(target: Target): void {
  useDialogs().open({ type: 'copy', target })
}

export function openBenchmark(target: Target): void {
  useDialogs().open({ type: 'benchmark', target })
}

export function openScale(targets: Target[]): void {
  useDialogs().open({ type: 'scale', targets })
}

export function openImage(target: Target): void {
  useDialogs().open({ type: 'image', target })
}

/** The Deployment that a ReplicaSet is a revision of, and which; undefined for one that is none's. */
export function revisionOf({ metadata }: KubeObject): { name: string; revision: number } | undefined {
  const owner = (metadata.ownerReferences ?? []).find((r) => r.controller && r.kind === 'Deployment')
  const revision = Number(metadata.annotations?.['deployment.kubernetes.io/revision'])
  return owner?.name && revision > 0 ? { name: owner.name, revision } : undefined
}

/** Asks whether the Deployment of a ReplicaSet is to go back to it. */
export async function openRollbackTo(target: Target): Promise<void> {
  try {
    const of = revisionOf((await getObject(target)) as unknown as KubeObject)
    const namespace = target.ref.namespace ?? ''
    const deployment = of && targetOf(target.context, { apiVersion: 'apps/v1', kind: 'Deployment', name: of.name, namespace })
    if (deployment) useDialogs().open({ type: 'rollback', target: deployment, revision: of.revision })
  } catch (e) {
    useToasts().failed(() => t('dialog.actionFailed', { action: t('action.rollbackTo'), name: target.ref.name }), e)
  }
}

export function openDelete(targets: Target[]): void {
  useDialogs().open({ type: 'delete', targets })
}

export function openForceDelete(targets: Target[]): void {
  useDialogs().open({ type: 'delete', targets, force: true })
}

/** Shows the pods of a workload, service or node in the list; who has gone elsewhere before they are known stays there. */
export async function showPods(target: Target): Promise<void> {
  const still = stillHere()
  const query: Record<string, string> = {}
  if (target.kind.kind === 'Node') query.field = `spec.nodeName=${target.ref.name}`
  else {
    try {
      query.label = await podSelector(target)
    } catch (e) {
      useToasts().failed(() => t('dialog.actionFailed', { action: t('action.pods'), name: target.ref.name }), e)
      return
    }
    if (target.ref.namespace) query.ns = target.ref.namespace
  }
  if (still()) await router.push({ name: 'list', params: { context: target.context, resource: 'pods' }, query })
}

/**
 * Goes to an object that another one refers to; tells when there is no such reference or kind. Who has gone elsewhere before the answer
 * stays there.
 */
async function follow(target: Target, action: Wording, reference: (object: KubeObject) => Reference | undefined): Promise<void> {
  const still = stillHere()
  try {
    const object = (await getObject(target)) as unknown as KubeObject
    if (!still()) return
    const found = reference(object)
    const to = found && targetOf(target.context, { ...(target.ref.namespace ? { namespace: target.ref.namespace } : {}), ...found })
    if (to) await router.push(objectLocation(to))
    else useToasts().add({ tone: 'info', text: () => t('dialog.leadsNowhere', { name: target.ref.name }) })
  } catch (e) {
    useToasts().failed(() => t('dialog.actionFailed', { action: action(), name: target.ref.name }), e)
  }
}

/** Shows the objects of a kind that another one controls, in the list. @param resource with the column of owners, as in `jobs.batch` */
export async function showOwned({ context, kind, ref }: Target, resource: string): Promise<void> {
  const owner = { column: 'owner', text: wholeText(`${kind.kind}/${ref.name}`) }
  const query = { ...(ref.namespace ? { ns: ref.namespace } : {}), f: columnFilterQuery([owner]) }
  await router.push({ name: 'list', params: { context, resource }, query })
}

/** Goes to the object that controls this one, or owns it. */
export const showOwner = (target: Target): Promise<void> =>
  follow(
    target,
    () => t('action.owner'),
    (o) => {
      const owners = o.metadata.ownerReferences ?? []
      return owners.find((x) => x.controller) ?? owners[0]
    },
  )

/** Goes to the node that a pod is on. */
export const showNode = (target: Target): Promise<void> =>
  follow(
    target,
    () => t('action.goToNode'),
    (o) => (o.spec?.nodeName ? { apiVersion: 'v1', kind: 'Node', name: o.spec.nodeName } : undefined),
  )

/** Goes to the object that an event is about. */
export const showInvolved = (target: Target): Promise<void> =>
  follow(
    target,
    () => t('action.involved'),
    (o) => o.involvedObject ?? o.regarding,
  )

/** Where the list of an object's kind is, with the object open. */
export function objectLocation(target: Pick<Target, 'context' | 'ref'>): {
  name: string
  params: Record<string, string>
  query: Record<string, string>
} {
  const { ref } = target
  const query: Record<string, string> = { o: [resourceKey(ref), ...(ref.namespace ? [ref.namespace] : []), ref.name].join('/') }
  return { name: 'list', params: { context: target.context, resource: resourceKey(ref) }, query }
}

/** An object as others refer to it. */
interface Reference {
  apiVersion?: string
  kind?: string
  name?: string
  namespace?: string
}

/** A target from a reference as objects hold it (owner references, involved objects). `undefined` when the cluster does not have the kind. */
export function targetOf(context: string, reference: Reference): Target | undefined {
  const group = reference.apiVersion?.includes('/') ? reference.apiVersion.split('/')[0]! : ''
  const kind = useContexts()
    .kinds(context)
    .find((k) => k.kind === reference.kind && k.group === group)
  if (!kind || !reference.name) return undefined
  const { version, resource } = kind
  return {
    context,
    kind,
    ref: {
      group,
      version,
      resource,
      name: reference.name,
      ...(kind.namespaced && reference.namespace ? { namespace: reference.namespace } : {}),
    },
  }
}
