import { useI18n } from 'vue-i18n'
import type { ColumnInfo } from '../../src-main/backend/rpc/contract.js'
import { en } from '../app/i18n/en.js'

const english: Readonly<Record<string, string>> = en.columns

/** Whether a column is one that the window has a word for. One of a server may be called as such and mean something else. */
const isKnown = ({ id, title, custom, served }: ColumnInfo): boolean =>
  !custom && id in english && (!served || english[id]!.toLowerCase() === title.toLowerCase())

/** Gives the heading of a column in the window's language; columns of a server or of a person are called as they call them. */
export function useColumnTitle(): (column: ColumnInfo) => string {
  const { t } = useI18n()
  return (c) => (isKnown(c) ? t(`columns.${c.id}`) : c.title)
}
