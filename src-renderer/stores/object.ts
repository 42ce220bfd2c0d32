import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { EventRow, ObjectEvent, ObjectRef, RpcError } from '../../src-main/backend/rpc/contract.js'
import { backend, type StreamHandle } from '../app/rpc.js'

/** A Kubernetes object as views read it: the parts that all kinds share, and the rest unknown. */
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata: {
    name: string
    namespace?: string
    uid?: string
    creationTimestamp?: string
    deletionTimestamp?: string
    resourceVersion?: string
    generation?: number
    labels?: Record<string, string>
    annotations?: Record<string, string>
    finalizers?: string[]
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]
  }
  // Each view knows the shape of its own kind and reads with care: objects of real clusters may lack anything.
  // oxlint-disable-next-line typescript/no-explicit-any
  [field: string]: any
}

/** One object, kept up to date. */
export interface LiveObject {
  /** The object as it is, or was before it was deleted; null before it is known. */
  object: ShallowRef<KubeObject | null>
  state: ShallowRef<{ phase: 'loading' | 'live' | 'stale' | 'forbidden' | 'missing' | 'failed' | 'deleted'; error?: RpcError }>
}

/** Follows the object that `params` names. */
export function useLiveObject(params: () => { context: string; ref: ObjectRef } | null): LiveObject {
  const object = shallowRef<KubeObject | null>(null)
  const state: LiveObject['state'] = shallowRef({ phase: 'loading' })
  let stream: StreamHandle<'object'> | undefined
  function take(e: ObjectEvent): void {
    if (e.type === 'object') {
      object.value = e.object as unknown as KubeObject
      if (state.value.phase !== 'live') state.value = { phase: 'live' }
    } else if (e.type === 'deleted') state.value = { phase: 'deleted' }
    else if (!(state.value.phase === 'deleted' && e.phase === 'missing'))
      state.value = { phase: e.phase, ...(e.error ? { error: e.error } : {}) }
  }
  watch(
    () => JSON.stringify(params()),
    () => {
      stream?.close()
      object.value = null
      state.value = { phase: 'loading' }
      const p = params()
      if (!p) return
      const opened: StreamHandle<'object'> = backend.open(
        'object',
        p,
        (e) => (stream === opened ? take(e) : undefined),
        (error) => {
          if (stream === opened && state.value.phase !== 'deleted') state.value = { phase: 'failed', ...(error ? { error } : {}) }
        },
      )
      stream = opened
    },
    { immediate: true },
  )
  onScopeDispose(() => stream?.close())
  return { object, state }
}

/** The events of an object, newest first. */
export function useLiveEvents(
  params: () => { context: string; ref: ObjectRef & { kind: string; uid?: string } } | null,
): ShallowRef<EventRow[]> {
  const rows = shallowRef<EventRow[]>([])
  let stream: StreamHandle<'events'> | undefined
  watch(
    () => JSON.stringify(params()),
    () => {
      stream?.close()
      rows.value = []
      const p = params()
      if (!p) return
      stream = backend.open('events', p, (list) => {
        rows.value = [...list].sort((a, b) => b.last - a.last)
      })
    },
    { immediate: true },
  )
  onScopeDispose(() => stream?.close())
  return rows
}
