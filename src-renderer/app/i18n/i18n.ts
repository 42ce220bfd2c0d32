import { watchEffect } from 'vue'
import { createI18n } from 'vue-i18n'
import type { Settings } from '../../../src-main/backend/rpc/contract.js'
import { en } from './en.js'
import { zhCN } from './zh-CN.js'
import { said } from './zh-CN/said.js'

/** The window's translations. */
export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  // What the backend says comes in English.
  messages: { en, 'zh-CN': { ...zhCN, said } as typeof zhCN },
  missingWarn: false,
  fallbackWarn: false,
})

/** Keeps the window in the language that `choice` gives; `system` asks the browser. */
export function followLanguage(choice: () => Settings['language']): void {
  watchEffect(() => {
    const c = choice()
    const locale = c === 'system' ? (navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en') : c
    i18n.global.locale.value = locale
    document.documentElement.lang = locale
  })
}
