import { i18n } from './i18n.js'

/** Words one after the other, with what stands between them in the window's language. */
export const listed = (words: readonly string[]): string => words.join(i18n.global.locale.value === 'zh-CN' ? '、' : ', ')
