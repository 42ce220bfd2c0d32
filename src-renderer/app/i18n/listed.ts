import { i18n } from './i18n.js'

const chinese = (): boolean => i18n.global.locale.value === 'zh-CN'

/** Words one after the other, with what stands between them in the window's language. */
export const listed = (words: readonly string[]): string => words.join(chinese() ? '、' : ', ')

/** A word and what it is about, as in `Evict: Pod web`. */
export const titled = (word: string, about: string): string => `${word}${chinese() ? '：' : ': '}${about}`

/** What is said aside, in the brackets of the window's language, to follow other words at once. */
export const aside = (words: string): string => (chinese() ? `（${words}）` : ` (${words})`)
