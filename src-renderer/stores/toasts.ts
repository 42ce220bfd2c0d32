import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { RpcError } from '../../src-main/backend/rpc/contract.js'
import { asRpcError } from '../app/rpc.js'

/** A short message at the edge of the window. Errors stay until they are closed. */
export interface Toast {
  id: number
  tone: 'ok' | 'bad' | 'info'
  text: string
  error?: RpcError
  action?: { label: string; run: () => void }
}

export const useToasts = defineStore('toasts', () => {
  const list = shallowRef<Toast[]>([])
  let last = 0

  function add(toast: Omit<Toast, 'id'>, ms?: number): number {
    const id = ++last
    list.value = [...list.value.slice(-4), { ...toast, id }]
    const life = ms ?? (toast.tone === 'bad' ? 0 : toast.action ? 8000 : 4000)
    if (life) setTimeout(() => close(id), life)
    return id
  }

  function ok(text: string, action?: Toast['action'] | undefined): void {
    add({ tone: 'ok', text, ...(action ? { action } : {}) })
  }

  /** Tells that `text` (what was tried) failed, and why. */
  function failed(text: string, thrown: unknown): void {
    add({ tone: 'bad', text, error: asRpcError(thrown) })
  }

  function close(id: number): void {
    list.value = list.value.filter((t) => t.id !== id)
  }

  return { list, add, ok, failed, close }
})
