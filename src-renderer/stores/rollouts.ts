import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { ObjectEvent, ObjectRef } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../app/i18n/i18n.js'
import { notify } from '../app/native.js'
import { router } from '../app/router.js'
import { resourceKey } from '../app/routes.js'
import { backend, type StreamHandle } from '../app/rpc.js'
import { useContexts } from './contexts.js'
import type { KubeObject } from './object.js'
import { rollingKinds, rolloutStatus, type RolloutStatus } from './rollout-status.js'
import { useSettings } from './settings.js'
import { useToasts } from './toasts.js'

/** A rollout that was started from this window. */
export interface Rollout extends Pick<RolloutStatus, 'ready' | 'wanted'> {
  context: string
  ref: ObjectRef
  /** Such as `Deployment web`. */
  name: string
}

/** Follows the rollouts that this window started until they are done or have failed, and tells so. */
export const useRollouts = defineStore('rollouts', () => {
  const list = shallowRef<Rollout[]>([])
  const streams = new Map<string, StreamHandle<'object'>>()
  const { t } = i18n.global

  const keyOf = (context: string, ref: ObjectRef): string => JSON.stringify([context, ref.resource, ref.namespace, ref.name])

  function show(r: Rollout): void {
    void router.push({
      name: 'list',
      params: { context: r.context, resource: resourceKey(r.ref) },
      query: { o: [resourceKey(r.ref), r.ref.namespace, r.ref.name].join('/') },
    })
  }

  function end(key: string, r: Rollout | undefined): void {
    streams.get(key)?.close()
    streams.delete(key)
    if (r) list.value = list.value.filter((x) => x !== r)
  }

  function finish(r: Rollout, status: RolloutStatus): void {
    const failed = status.phase === 'failed'
    const text = (): string => t(failed ? 'rollout.failed' : 'rollout.done', { name: r.name })
    if (failed)
      useToasts().add({
        tone: 'bad',
        text,
        error: { reason: 'ProgressDeadlineExceeded', message: status.message ?? '' },
        action: { label: () => t('action.open'), run: () => show(r) },
      })
    else useToasts().ok(text)
    if (useSettings().value.notify?.rollouts !== false)
      notify(text(), [useContexts().title(r.context), r.ref.namespace, status.message].filter(Boolean).join(' · '), () => show(r))
  }

  /**
   * Follows a workload from the generation that it has now on. Others than workloads that roll out are passed over, and so is what is
   * followed already.
   */
  async function follow(context: string, ref: ObjectRef): Promise<void> {
    if (ref.group !== 'apps' || !rollingKinds.includes(ref.resource)) return
    const key = keyOf(context, ref)
    const now = (await backend.call('objects.get', { context, ref })) as unknown as KubeObject
    // What a watch has delivered so far may be older than the change.
    const from = now.metadata.generation ?? 0
    streams.get(key)?.close()
    list.value = list.value.filter((r) => keyOf(r.context, r.ref) !== key)
    let shown: Rollout | undefined
    const take = (e: ObjectEvent): void => {
      if (e.type === 'deleted' || (e.type === 'state' && (e.phase === 'missing' || e.phase === 'forbidden'))) return end(key, shown)
      if (e.type !== 'object') return
      const object = e.object as unknown as KubeObject
      if ((object.metadata.generation ?? 0) < from) return
      const status = rolloutStatus(ref.resource, object)
      const next: Rollout = {
        context,
        ref,
        name: `${object.kind ?? now.kind ?? ref.resource} ${ref.name}`,
        ready: status.ready,
        wanted: status.wanted,
      }
      list.value = [...list.value.filter((x) => x !== shown), next]
      shown = next
      if (status.phase === 'running') return
      end(key, next)
      finish(next, status)
    }
    streams.set(
      key,
      backend.open('object', { context, ref }, take, () => end(key, shown)),
    )
  }

  return { list, follow, show }
})
