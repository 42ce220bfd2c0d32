/** Changes of one object: scale, restart, delete. */
import { deleteObject, getObject, restart as restartWorkload, scale as scaleWorkload } from '../../apply/objects.js'
import { BackendError } from '../../errors.js'
import { kindNamed, kindText } from '../kinds.js'
import type { Tool } from '../tool.js'
import { named, namedRequired, refOf, type Named } from './objects.js'

export const scale: Tool<Named & { replicas: number }> = {
  name: 'scale',
  title: 'Scale a workload',
  description:
    'Sets how many replicas a Deployment, StatefulSet, ReplicaSet or another kind that can be scaled is to have. Fewer replicas end pods.',
  effect: 'destroys',
  idempotent: true,
  parameters: { ...named, replicas: { type: 'integer', minimum: 0, description: 'How many replicas.' } },
  required: [...namedRequired, 'replicas'],
  run: (p, call) =>
    call.clusters.change(p.context, async (session) => {
      const kind = await kindNamed(session, p.kind)
      if (!kind.scale) throw new BackendError({ reason: 'Invalid', message: `${kindText(kind)} cannot be scaled` })
      const ref = refOf(kind, p, call)
      const before = (await getObject(session, ref, false, 'scale')).spec?.replicas ?? 0
      await scaleWorkload(session, ref, p.replicas)
      return `${kindText(kind)}/${p.name} scaled from ${before} to ${p.replicas}`
    }),
}

/** The kinds whose pods `kubectl rollout restart` replaces. */
const RESTARTED = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps']

export const restart: Tool<Named> = {
  name: 'restart',
  title: 'Restart a workload',
  description: 'Replaces the pods of a Deployment, StatefulSet or DaemonSet one after the other, as `kubectl rollout restart` does.',
  effect: 'destroys',
  parameters: named,
  required: namedRequired,
  run: (p, call) =>
    call.clusters.change(p.context, async (session) => {
      const kind = await kindNamed(session, p.kind)
      if (!RESTARTED.includes(kindText(kind)))
        throw new BackendError({ reason: 'Invalid', message: `${kindText(kind)} cannot be restarted` })
      await restartWorkload(session, refOf(kind, p, call))
      return `${kindText(kind)}/${p.name} restarted`
    }),
}

export const remove: Tool<Named & { propagation?: 'Background' | 'Foreground' | 'Orphan'; gracePeriodSeconds?: number }> = {
  name: 'delete',
  title: 'Delete an object',
  description: 'Deletes one object, and with it what belongs to it unless propagation is Orphan. It cannot be undone.',
  effect: 'destroys',
  idempotent: true,
  parameters: {
    ...named,
    propagation: {
      type: 'string',
      enum: ['Background', 'Foreground', 'Orphan'],
      default: 'Background',
      description: 'What becomes of the objects that belong to it: deleted after it, before it, or left.',
    },
    gracePeriodSeconds: { type: 'integer', minimum: 0, description: 'How long a pod may take to end; its own time when left out.' },
  },
  required: namedRequired,
  run: (p, call) =>
    call.clusters.change(p.context, async (session) => {
      const kind = await kindNamed(session, p.kind)
      const ref = refOf(kind, p, call)
      await deleteObject(session, {
        context: p.context,
        ref,
        ...(p.propagation ? { propagation: p.propagation } : {}),
        ...(p.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: p.gracePeriodSeconds }),
      })
      return `${kindText(kind)}/${p.name} deleted${ref.namespace ? ` from namespace ${ref.namespace}` : ''}`
    }),
}
