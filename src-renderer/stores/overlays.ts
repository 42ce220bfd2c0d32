import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Parts of the window that keys open from afar. */
export const useOverlays = defineStore('overlays', () => {
  const namespaces = ref(false)
  return { namespaces }
})
