/** The printer columns of a custom resource (`additionalPrinterColumns`). */
import { jsonText } from '../../../exact-json.js'
import type { Column } from '../kinds/kind.js'
import { CREATED_DESCRIPTION, nameColumn } from '../kinds/rules/columns.js'
import { humanDuration } from '../kinds/rules/duration.js'
import type { KubeObject } from '../object.js'
import { compilePath } from './jsonpath.js'

/** One column as the definition says it. */
export interface PrinterColumn {
  name: string
  type: string
  format?: string | null
  description?: string | null
  priority?: number | null
  jsonPath: string
}

const AGE: PrinterColumn = { name: 'Age', type: 'date', description: CREATED_DESCRIPTION, jsonPath: '.metadata.creationTimestamp' }

/** The columns of a version: the name, then its own, or its age when it has none. */
export function printerColumns(columns: readonly PrinterColumn[] | null | undefined): Column<KubeObject>[] {
  return [nameColumn(), ...(columns?.length ? columns : [AGE]).map(printerColumn)]
}

function printerColumn(column: PrinterColumn): Column<KubeObject> {
  const find = compilePath(column.jsonPath)
  return {
    name: column.name,
    type: column.type as Column<KubeObject>['type'],
    ...(column.format ? { format: column.format } : {}),
    description: column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
    ...(column.priority ? { priority: column.priority as 1 } : {}),
    cell(object, now) {
      const found = find?.(object)
      return found?.length ? cellOf(column.type, found[0], now) : null
    },
  }
}

function cellOf(type: string, value: unknown, now: number): ReturnType<Column<KubeObject>['cell']> {
  if (value === null || value === undefined) return null
  switch (type) {
    case 'string':
      return typeof value === 'object' ? jsonText(value) : String(value as string | number | bigint | boolean)
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : typeof value === 'bigint' ? value : null
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date': {
      if (typeof value !== 'string') return null
      if (value === '') return '<unknown>'
      const time = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : NaN
      return Number.isNaN(time) ? '<invalid>' : humanDuration(now - time)
    }
    default:
      return null
  }
}
