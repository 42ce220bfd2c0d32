import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Forward } from '../../src-main/backend/rpc/contract.js'
import { backend } from '../app/rpc.js'

/** All port-forwards of all contexts. */
export const useForwards = defineStore('forwards', () => {
  const list = shallowRef<Forward[]>([])

  function load(): void {
    backend.open('forwards', {}, (f) => {
      list.value = f
    })
  }

  return { list, load }
})
