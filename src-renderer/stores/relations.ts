import type { ShallowRef } from 'vue'
import type { RelationGraph, RpcError } from '../../src-main/backend/rpc/contract.js'
import { backend } from '../app/rpc.js'
import { useAnswer } from './answer.js'
import { AGAIN } from './objects.js'

/** How the objects of namespaces hang together, read again every few seconds; null until the first answer. */
export function useRelations(params: () => { context: string; namespaces?: string[] } | null): {
  graph: ShallowRef<RelationGraph | null>
  error: ShallowRef<RpcError | null>
  /** Reads it now. */
  again: () => void
} {
  const {
    answer: graph,
    error,
    again,
  } = useAnswer(
    params,
    (p) => backend.call('relations.read', p),
    () => AGAIN,
  )
  return { graph, error, again }
}
