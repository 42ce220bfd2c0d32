import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { backend } from '../app/rpc.js'
import type { Target } from './dialogs.js'

/** The answer to "may the user do this?": `undefined` while it is asked. */
export interface Access {
  allowed: boolean
  reason?: string
}

/** Access reviews, asked when an action comes into sight and kept for a minute. */
export const useAccess = defineStore('access', () => {
  const known = shallowReactive(new Map<string, Access>())
  const asked = new Map<string, number>()

  /** What is known of `verb` on a target; asks in the background when it is not known. Unknown counts as allowed: the server decides in the end. */
  function check(target: Target, verb: string, subresource?: string): Access | undefined {
    const { group, version, resource, namespace } = target.ref
    const key = [target.context, verb, group, resource, subresource, namespace].join(' ')
    const at = asked.get(key)
    if (at === undefined || Date.now() - at > 60_000) {
      asked.set(key, Date.now())
      const ref = { group, version, resource, ...(namespace ? { namespace } : {}), ...(subresource ? { subresource } : {}) }
      void backend.call('access.check', { context: target.context, verb, ref }).then(
        (answer) => known.set(key, answer),
        () => asked.delete(key),
      )
    }
    return known.get(key)
  }

  return { check }
})
