import { useContexts } from '../stores/contexts.js'
import type { DockTab } from '../stores/dock.js'
import { i18n } from './i18n/i18n.js'
import { aside } from './i18n/listed.js'

/** What a tab of the dock is called: the object it is about; what is no name of an object follows the language. */
export function titleOfTab({ content, context, title }: Pick<DockTab, 'content' | 'context' | 'title'>): string {
  const { t } = i18n.global
  switch (content.type) {
    case 'forwards':
      return t('forwards.title')
    case 'create':
      return t('yaml.createTitle')
    case 'plugin':
      return t('connection.pluginTitle', { context: useContexts().title(context) })
    case 'local':
      return t('shell.localTitle', { context: useContexts().title(context) })
    case 'logs': {
      const n = (content.also?.length ?? 0) + 1
      return n > 1 ? t('logs.merged', { n }, n) : content.previous ? title + aside(t('logs.runBefore')) : title
    }
    case 'shell':
      // What is typed here goes to the program of the container, not to a shell beside it.
      return content.mode === 'attach' ? title + aside(t('shell.attached')) : title
    default:
      return title
  }
}
