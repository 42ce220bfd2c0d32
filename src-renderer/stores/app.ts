import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { AppInfo, EmbeddedState } from '../../src-main/backend/rpc/contract.js'
import { backend } from '../app/rpc.js'

/** Facts about the app, and the state of the embedded cluster's process. */
export const useApp = defineStore('app', () => {
  const info = shallowRef<AppInfo | null>(null)
  /** Embedded clusters, by name. */
  const embedded = shallowRef<EmbeddedState[]>([])
  const link = computed(() => backend.link.value)
  const mac = computed(
    () => (info.value?.platform ?? navigator.platform.toLowerCase()).startsWith('darwin') || navigator.platform.startsWith('Mac'),
  )

  async function load(): Promise<void> {
    backend.open('embedded', {}, (e) => {
      embedded.value = e
    })
    info.value = await backend.call('app.info', {})
  }

  return { info, embedded, link, mac, load }
})
