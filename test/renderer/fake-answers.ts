/** What the fake backend answers to calls. */
import { parse, stringify } from 'yaml'
import type { Calls, Forward, KindInfo, ObjectRef, Settings, WorkloadRevision } from '../../src-main/backend/rpc/contract.js'
import { inverseOf } from '../../src-main/backend/apply/inverse.js'
import type { FakeBackend } from './fake-backend.js'
import { fakeContexts } from './fake-contexts.js'
import { fakeKinds } from './fake-kinds.js'
import type { FakeObject } from './fake-maker.js'
import { FakeError, keyOf, mergePatch } from './fake-requests.js'

/** Answers one call. */
export async function answer<M extends keyof Calls>(backend: FakeBackend, method: M, params: Parameters<Calls[M]>[0]): Promise<unknown> {
  const p = params as { context: string; ref: ObjectRef } & Record<string, never>
  const target = () => backend.find(keyOf(p.ref), p.ref.namespace, p.ref.name)
  const save = (o: FakeObject) => (backend.upsert(keyOf(p.ref), o), structuredClone(o))
  switch (method) {
    case 'app.info':
      return {
        version: '0.1.0',
        mode: 'web',
        platform: 'linux',
        dataDirectory: '/home/you/.drydock',
        kubeconfig: '/home/you/.drydock/drydock.kubeconfig',
        assistant: { command: '/usr/bin/node', args: ['/home/you/drydock/out/main/mcp.cjs'] },
      }
    case 'settings.get':
      return backend.settings
    case 'settings.set':
      return (backend.settings = { ...backend.settings, ...(params as { change: Partial<Settings> }).change })
    case 'contexts.list':
      return fakeContexts
    case 'contexts.connect': {
      if (p.context === 'prod-eu') {
        const error = {
          message: 'connect ECONNREFUSED 203.0.113.7:6443: no answer from https://api.prod-eu.example.com:6443',
          reason: 'Refused',
        }
        backend.setConnection(p.context, { phase: 'failed', error, retryAt: Date.now() + 24_000 })
        throw new FakeError(error)
      }
      return backend.setConnection(p.context, { phase: 'live', version: 'v1.36.0' })
    }
    case 'contexts.disconnect':
      return void backend.setConnection(p.context, { phase: 'idle' })
    case 'kubeconfigs.list':
      return [{ path: '/home/you/.kube/config', type: 'kubectl', contexts: 2 }]
    case 'kinds.list':
      return backend.kinds
    case 'objects.get':
      return structuredClone(target())
    case 'images.known':
      return backend.images
    case 'commands.check':
      return []
    case 'images.tags': {
      const { image } = params as unknown as { image: string }
      if (!backend.tags.length) throw new FakeError({ message: `${image.split('/')[0]}: repository name not known`, reason: 'Registry' })
      return backend.tags
    }
    case 'objects.describe': {
      if (!backend.kubectl) throw new FakeError({ message: 'The login shell of this machine finds no kubectl.', reason: 'NoKubectl' })
      const { metadata } = target()
      return `Name: ${metadata.name}\nVersion: ${metadata.resourceVersion}\n`
    }
    case 'objects.yaml':
      return stringify(target(), { lineWidth: 0 })
    case 'objects.save': {
      const edited = parse((params as unknown as { edited: string }).edited) as FakeObject
      if (edited.metadata.name !== p.ref.name)
        throw new FakeError({
          message: `the name of the object (${edited.metadata.name}) does not match the name on the URL (${p.ref.name})`,
          reason: 'BadRequest',
          code: 400,
        })
      if (edited.spec?.replicas < 0)
        throw new FakeError({
          message: `Deployment.apps "${p.ref.name}" is invalid: spec.replicas: Invalid value: ${edited.spec.replicas}: must be greater than or equal to 0`,
          reason: 'Invalid',
          code: 422,
          causes: [
            {
              field: 'spec.replicas',
              reason: 'FieldValueInvalid',
              message: `Invalid value: ${edited.spec.replicas}: must be greater than or equal to 0`,
            },
          ],
        })
      return (params as unknown as { dryRun?: boolean }).dryRun ? edited : save(edited)
    }
    case 'objects.patch': {
      const o = structuredClone(target())
      const { type, patch } = params as unknown as { type: string; patch: unknown }
      if (type === 'json') {
        for (const { path, value } of patch as { op: string; path: string; value: unknown }[]) {
          const keys = path.split('/').slice(1)
          const last = keys.pop()!
          // oxlint-disable-next-line typescript/no-explicit-any
          keys.reduce((at: any, k) => at[k], o)[last] = value
        }
        return save(o)
      }
      return save(mergePatch(o, patch) as FakeObject)
    }
    case 'objects.undo': {
      const { patch, before } = params as unknown as { patch: unknown; before: unknown }
      return save(mergePatch(structuredClone(target()), inverseOf(patch, before)) as FakeObject)
    }
    case 'objects.delete':
      return backend.remove(keyOf(p.ref), target().metadata.uid)
    case 'objects.apply': {
      const q = params as unknown as { yaml: string; namespace?: string; dryRun?: boolean }
      const docs = q.yaml.split(/^---$/m).map((d) => parse(d) as FakeObject | null)
      return docs.filter((d) => d !== null).map((d, i) => applyOne(backend, d, i, q.namespace, q.dryRun))
    }
    case 'workloads.scale': {
      const o = structuredClone(target())
      o.spec.replicas = (params as unknown as { replicas: number }).replicas
      return void save(o)
    }
    case 'workloads.restart':
      return save(structuredClone(target()))
    case 'forwards.start': {
      const q = params as unknown as { context: string; namespace: string; target: string; remotePort: number; localPort?: number }
      const f: Forward = {
        id: `f${backend.forwards.length + 1}`,
        pod: q.target.split('/')[1]!,
        state: 'active',
        connections: 0,
        received: 0,
        sent: 0,
        ...q,
        localPort: q.localPort ?? 40000 + backend.forwards.length,
      }
      backend.setForwards([...backend.forwards, f])
      return f
    }
    case 'forwards.stop':
      return backend.setForwards(backend.forwards.filter((f) => f.id !== (params as unknown as { id: string }).id))
    case 'access.checks':
      return Promise.all(
        (params as unknown as { questions: Parameters<Calls['access.check']>[0][] }).questions.map((q) =>
          answer(backend, 'access.check', { ...q, context: p.context }),
        ),
      )
    case 'workloads.revisions':
      return revisions(backend, p.ref)
    case 'workloads.rollback': {
      const o = structuredClone(target())
      o.spec.template = revisions(backend, p.ref).find((r) => r.revision === (params as unknown as { revision: number }).revision)!.template
      return void save(o)
    }
    case 'relations.read':
      return { objects: [], relations: [], cut: [], forbidden: [] }
    case 'objects.list': {
      const { resource, labelSelector = '' } = params as unknown as { resource: KindInfo & { namespace?: string }; labelSelector?: string }
      const labels = labelSelector.split(',').filter(Boolean)
      return [...(backend.world.get(keyOf(resource))?.values() ?? [])]
        .filter((o) => !resource.namespace || o.metadata.namespace === resource.namespace)
        .filter((o) => labels.every((l) => `${l.split('=')[0]}=${o.metadata.labels?.[l.split('=')[0]!]}` === l))
        .map((o) => structuredClone(o))
    }
    case 'objects.create': {
      const { resource, object } = params as unknown as { resource: KindInfo & { namespace?: string }; object: FakeObject }
      const metadata = { ...object.metadata, uid: backend.newUid('made'), creationTimestamp: new Date(backend.time).toISOString() }
      backend.upsert(keyOf(resource), { ...object, metadata })
      return object
    }
    case 'objects.subresource':
      return (params as unknown as { subresource: string }).subresource === 'token' ? { status: { token: 'eyJhbGciOi.fake.token' } } : {}
    case 'access.check': {
      const q = params as unknown as { verb: string; ref: { group: string; resource: string } }
      const no = backend.denied.has(`${q.verb} ${keyOf(q.ref)}`)
      return no ? { allowed: false, reason: 'no RBAC policy matched' } : { allowed: true }
    }
    case 'drafts.list':
    case 'templates.list':
      return []
    default:
      return null
  }
}

function revisions(backend: FakeBackend, ref: ObjectRef): WorkloadRevision[] {
  const owner = backend.find(keyOf(ref), ref.namespace, ref.name)
  const note = 'deployment.kubernetes.io/revision'
  return [...(backend.world.get('replicasets.apps')?.values() ?? [])]
    .filter((s) => s.metadata.ownerReferences?.some((o: { uid: string }) => o.uid === owner.metadata.uid))
    .map((s) => {
      const template = structuredClone(s.spec.template)
      delete template.metadata?.labels?.['pod-template-hash']
      return {
        revision: Number(s.metadata.annotations?.[note]),
        kind: 'ReplicaSet' as const,
        ref: { group: 'apps', version: 'v1', resource: 'replicasets', namespace: s.metadata.namespace!, name: s.metadata.name },
        created: Date.parse(s.metadata.creationTimestamp),
        images: template.spec.containers.map((c: { image: string }) => c.image),
        current: s.metadata.annotations?.[note] === owner.metadata.annotations?.[note],
        template,
      }
    })
    .sort((a, b) => b.revision - a.revision)
}

function applyOne(
  backend: FakeBackend,
  d: FakeObject,
  document: number,
  namespace: string | undefined,
  dryRun: boolean | undefined,
): ReturnType<Calls['objects.apply']>[number] {
  const [group, version] = d.apiVersion.includes('/') ? (d.apiVersion.split('/') as [string, string]) : ['', d.apiVersion]
  const kind: KindInfo | undefined = fakeKinds.find((k) => k.group === group && k.kind === d.kind)
  const ref: ObjectRef = { group, version, resource: kind?.resource ?? d.kind, name: d.metadata?.name ?? '' }
  if (!kind)
    return {
      document,
      kind: d.kind,
      ref,
      action: 'failed',
      error: { message: `no matches for kind "${d.kind}" in version "${d.apiVersion}"`, reason: 'NotFound' },
    }
  if (kind.namespaced) ref.namespace = d.metadata.namespace ?? namespace ?? 'default'
  let old: FakeObject | null = null
  try {
    old = backend.find(keyOf(kind), ref.namespace, ref.name)
  } catch {
    // A new object.
  }
  if (!dryRun) {
    const metadata = old?.metadata ?? {
      uid: backend.newUid('applied'),
      creationTimestamp: new Date().toISOString(),
      resourceVersion: '',
    }
    backend.upsert(keyOf(kind), {
      ...d,
      metadata: { ...metadata, ...d.metadata, ...(ref.namespace ? { namespace: ref.namespace } : {}) } as FakeObject['metadata'],
    })
  }
  return { document, kind: d.kind, ref, action: old ? 'configured' : 'created' }
}
