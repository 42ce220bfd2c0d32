/** What the variables of a command stand for: facts of an object, of its place, and of its columns in the list. */
import { getObject } from '../apply/objects.js'
import { problem } from '../errors.js'
import { customColumns } from '../kinds/custom-columns.js'
import { rowOf, type Json } from '../kinds/kind.js'
import { listKind } from '../kinds/registry.js'
import { TABLE_ACCEPT, TableProjection } from '../kinds/table.js'
import type { Cell, ColumnInfo, ContextSummary, CustomColumn, ObjectRef } from '../rpc/contract.js'
import { objectPath } from '../session/paths.js'
import type { Session } from '../session/session.js'

/** The object that a command is run for. */
export interface CommandObject {
  ref: ObjectRef
  kind: string
}

/** What is known of an object without asking the cluster. @param kubeconfig the file that `$KUBECONFIG` names */
export function placeValues(context: ContextSummary, { ref, kind }: CommandObject, kubeconfig: string): Map<string, string> {
  return new Map([
    ['NAME', ref.name],
    ['NAMESPACE', ref.namespace ?? ''],
    ['CONTEXT', context.name],
    ['CLUSTER', context.cluster],
    ['USER', context.user],
    ['KUBECONFIG', kubeconfig],
    ['KIND', kind],
    ['RESOURCE_NAME', ref.resource],
    ['GROUP', ref.group],
    ['RESOURCE_GROUP', ref.group],
    ['VERSION', ref.version],
    ['RESOURCE_VERSION', ref.version],
    ['POD', kind === 'Pod' && ref.group === '' ? ref.name : ''],
  ])
}

/** The containers of a pod or of a pod template, the one that kubectl would take first. */
export async function containersOf(session: Session, ref: ObjectRef): Promise<string[]> {
  const object = await getObject(session, ref)
  const template = object.spec?.containers ? object : (object.spec?.template ?? object.spec?.jobTemplate?.spec?.template)
  const names: string[] = (template?.spec?.containers ?? []).map((c: { name: string }) => c.name)
  const first = template?.metadata?.annotations?.['kubectl.kubernetes.io/default-container']
  return names.includes(first) ? [first, ...names.filter((n) => n !== first)] : names
}

const plain = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9%]+/g, '')

function textOf(cell: Cell | undefined, column: ColumnInfo): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'object') return cell.text
  return typeof cell === 'number' && (column.type === 'age' || column.type === 'until') ? new Date(cell).toISOString() : String(cell)
}

/** The columns of an object by their names: those of the window, of {@link CustomColumn}s, or of the server's Table. */
async function cellsOf(session: Session, ref: ObjectRef, custom: readonly CustomColumn[]): Promise<[ColumnInfo, Cell][]> {
  const own = listKind(ref)
  const made = customColumns(custom)
  const pairs = (columns: readonly ColumnInfo[], cells: readonly Cell[]): [ColumnInfo, Cell][] =>
    columns.map((column, i) => [column, cells[i] ?? null])
  if (own) {
    const object = await getObject(session, ref)
    return [...pairs(own.columns, rowOf(own, object).cells), ...pairs(made.columns, made.cells(object))]
  }
  const table = new TableProjection(ref.namespace !== undefined, () => undefined)
  const body = await (await session.api()).json<Json>(`${objectPath(ref)}?includeObject=Object`, { accept: TABLE_ACCEPT })
  const [object] = table.unpack(body)
  if (!object) return []
  return [...pairs(table.columns, table.row(object).cells), ...pairs(made.columns, made.cells(object))]
}

/** The values of the columns that are asked for (`COL-NODE`); rejects with `Invalid` where there is none of such a name. */
export async function columnValues(
  session: Session,
  ref: ObjectRef,
  wanted: readonly string[],
  custom: readonly CustomColumn[],
): Promise<Map<string, string>> {
  if (wanted.length === 0) return new Map()
  const cells = await cellsOf(session, ref, custom)
  return new Map(
    wanted.map((variable) => {
      const name = plain(variable.slice('COL-'.length))
      const found = cells.find(([c]) => plain(c.title) === name) ?? cells.find(([c]) => plain(c.id) === name)
      if (!found) throw problem('Invalid', 'commandColumn', { variable: `$${variable}`, columns: cells.map(([c]) => c.title).join(', ') })
      return [variable, textOf(found[1], found[0])]
    }),
  )
}
