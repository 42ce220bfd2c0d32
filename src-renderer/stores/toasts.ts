import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { errorText } from '../app/error-text.js'
import type { Wording } from '../app/i18n/wording.js'
import { asRpcError } from '../app/rpc.js'
import { useNotices } from './notices.js'

/** A short message at the edge of the window. Errors stay until they are closed. */
export interface Toast {
  id: number
  tone: 'ok' | 'bad' | 'info'
  text: Wording
  error?: RpcError
  action?: { label: Wording; run: () => void }
}

export const useToasts = defineStore('toasts', () => {
  const list = shallowRef<Toast[]>([])
  const timers = new Map<number, { life: number; timer: ReturnType<typeof setTimeout> }>()
  let last = 0

  function add(toast: Omit<Toast, 'id'>, ms?: number): number {
    const id = ++last
    list.value = [...list.value.slice(-4), { ...toast, id }]
    const { tone, text, error } = toast
    // What a person did and went well has been seen.
    useNotices().add({ tone, text, ...(error ? { detail: () => errorText(error) } : {}), read: tone !== 'bad' })
    const life = ms ?? (toast.tone === 'bad' ? 0 : toast.action ? 10_000 : 4000)
    if (life) expire(id, life)
    return id
  }

  function expire(id: number, life: number): void {
    clearTimeout(timers.get(id)?.timer)
    timers.set(id, { life, timer: setTimeout(() => close(id), life) })
  }

  /** A toast that a person is at does not go away under the hand. */
  function hold(id: number): void {
    clearTimeout(timers.get(id)?.timer)
  }

  /** Its time begins anew once the person has left it. */
  function release(id: number): void {
    const known = timers.get(id)
    if (known) expire(id, known.life)
  }

  function ok(text: Wording, action?: Toast['action'] | undefined): void {
    add({ tone: 'ok', text, ...(action ? { action } : {}) })
  }

  /** Tells that `text` (what was tried) failed, and why. */
  function failed(text: Wording, thrown: unknown): void {
    add({ tone: 'bad', text, error: asRpcError(thrown) })
  }

  function close(id: number): void {
    clearTimeout(timers.get(id)?.timer)
    timers.delete(id)
    list.value = list.value.filter((t) => t.id !== id)
  }

  return { list, add, ok, failed, hold, release, close }
})
