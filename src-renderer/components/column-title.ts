import { useI18n } from 'vue-i18n'
import type { ColumnInfo } from '../../src-main/backend/rpc/contract.js'

/** Gives the heading of a column in the window's language; columns of a server or of a person are called as they call them. */
export function useColumnTitle(): (column: ColumnInfo) => string {
  const { t, te } = useI18n()
  return (c) => (!c.custom && te(`columns.${c.id}`) ? t(`columns.${c.id}`) : c.title)
}
