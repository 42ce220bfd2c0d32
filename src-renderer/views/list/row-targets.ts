import type { KindInfo, Row } from '../../../src-main/backend/rpc/contract.js'
import { objectKey, resourceKey, resourceRef } from '../../app/routes.js'
import { useContexts } from '../../stores/contexts.js'
import type { Target } from '../../stores/dialogs.js'

/** What the rows of a list are to actions. */
export interface RowTargets {
  /** The kind of a row's object, as its own cluster has it. */
  kindOf(row: Row): KindInfo
  /** A row's object in its own cluster, which may serve the kind in another version. */
  targetOf(row: Row): Target
  /** The row of the object that an address names: `pods/default/web-0` in a cluster. */
  rowOf(rows: readonly Row[], object: string, context: string): Row | undefined
}

/**
 * The objects that rows stand for. In a list of several kinds each row tells its own.
 * @param kind the kind of the list @param kindIn the same as a cluster has it @param contextOf the cluster of a row
 */
export function rowTargets(
  kind: () => KindInfo,
  kindIn: (context: string) => KindInfo | undefined,
  contextOf: (row: Row) => string,
): RowTargets {
  const contexts = useContexts()
  const kindOf = (row: Row): KindInfo => {
    const context = contextOf(row)
    return (row.kind ? contexts.kind(context, row.kind) : kindIn(context)) ?? kind()
  }
  const targetOf = (row: Row): Target => {
    const own = kindOf(row)
    return {
      context: contextOf(row),
      kind: own,
      ref: { ...resourceRef(own), name: row.name, ...(row.namespace ? { namespace: row.namespace } : {}) },
    }
  }
  return {
    kindOf,
    targetOf,
    rowOf: (rows, object, context) => {
      const resource = object.split('/', 1)[0]!
      const key = resourceKey(kind())
      const name = object.slice(object.lastIndexOf('/') + 1)
      return rows.find(
        (r) => r.name === name && (r.kind ?? key) === resource && contextOf(r) === context && objectKey(targetOf(r).ref) === object,
      )
    },
  }
}
