import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { AccessAnswer, AccessQuestion } from '../../src-main/backend/rpc/contract.js'
import { backend } from '../app/rpc.js'
import type { Target } from './dialogs.js'

/** A right that an action needs. Without a resource it is about the target's own. */
export interface Right {
  verb: string
  subresource?: string
  /** Another resource than the target's, in the target's namespace. */
  resource?: { group: string; version: string; resource: string }
  /** That resource belongs to the whole cluster. */
  clusterWide?: boolean
}

/** Access reviews, asked when an action comes into sight and kept for a minute. */
export const useAccess = defineStore('access', () => {
  const known = shallowReactive(new Map<string, AccessAnswer>())
  const asked = new Map<string, number>()
  /** Questions of this moment, by context: they go out together. */
  let waiting = new Map<string, { key: string; question: AccessQuestion }[]>()

  /** What is known of a right on a target; asks in the background when it is not known. Unknown counts as allowed: the server decides in the end. */
  function check(target: Target, right: Right): AccessAnswer | undefined {
    const { group, version, resource } = right.resource ?? target.ref
    const namespace = right.clusterWide ? undefined : target.ref.namespace
    const { verb, subresource } = right
    const key = [target.context, verb, group, resource, subresource, namespace].join(' ')
    const at = asked.get(key)
    if (at === undefined || Date.now() - at > 60_000) {
      asked.set(key, Date.now())
      const ref = { group, version, resource, ...(namespace ? { namespace } : {}), ...(subresource ? { subresource } : {}) }
      if (waiting.size === 0) queueMicrotask(ask)
      waiting.set(target.context, [...(waiting.get(target.context) ?? []), { key, question: { verb, ref } }])
    }
    return known.get(key)
  }

  function ask(): void {
    const now = waiting
    waiting = new Map()
    for (const [context, entries] of now)
      backend.call('access.checks', { context, questions: entries.map((e) => e.question) }).then(
        (answers) => entries.forEach((e, i) => answers[i] && known.set(e.key, answers[i])),
        () => entries.forEach((e) => asked.delete(e.key)),
      )
  }

  return { check }
})
