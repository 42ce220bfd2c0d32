import { onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { i18n } from '../app/i18n/i18n.js'
import { titled } from '../app/i18n/listed.js'
import { backend } from '../app/rpc.js'
import { useDock, type DockContent } from '../stores/dock.js'
import { useToasts } from '../stores/toasts.js'

type CreateContent = Extract<DockContent, { type: 'create' }>

/** How long after the last key a draft is kept, ms. */
const KEEP_AFTER = 300

/** `Deployment web`: the first object of a text that may be half typed; empty where it names none. */
export function firstObject(text: string): string {
  const kind = /^kind: *["']?(\w+)/m.exec(text)?.[1]
  const name = /^metadata:.*\n(?:[ #].*\n)*? +name: *["']?([^\s"'#]+)/m.exec(text)?.[1]
  return [kind, name].filter(Boolean).join(' ')
}

/**
 * The text of a tab that creates, kept as a draft: it comes back with the window, and a tab that is closed can be opened again. `done` says
 * that all of it has been applied, so that there is nothing left to keep.
 */
export function useDraft(
  tab: number,
  content: () => CreateContent,
): { text: Ref<string>; name: string; redacted: Ref<boolean>; done: () => void; resume: (draft: string) => void } {
  const dock = useDock()
  const toasts = useToasts()
  const { t } = i18n.global
  const text = ref('')
  const redacted = ref(false)
  const name = content().draft ?? crypto.randomUUID()
  /** The text that has been applied as a whole. */
  let applied = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  let pending = false

  async function load(): Promise<void> {
    const draft = await backend.call('drafts.get', { name })
    // What was typed meanwhile comes first.
    if (text.value || !draft?.text) return
    redacted.value = draft.redacted
    text.value = draft.text
  }
  if (content().draft) load().catch((e: unknown) => toasts.failed(() => t('create.draftLost'), e))

  async function keep(): Promise<void> {
    clearTimeout(timer)
    if (!pending) return
    pending = false
    try {
      await backend.call('drafts.save', { name, text: text.value === applied ? '' : text.value })
      // The tab comes back by the name of its draft, so it gets one only once there is a draft.
      if (text.value && !content().draft && dock.get(tab)) dock.change(tab, { ...content(), draft: name })
    } catch {
      // The next key tries again.
      pending = true
    }
  }
  watch(text, () => {
    pending = true
    clearTimeout(timer)
    timer = setTimeout(() => void keep(), KEEP_AFTER)
  })
  const leave = (): void => void keep()
  window.addEventListener('pagehide', leave)

  function done(): void {
    applied = text.value
    pending = true
    void keep()
  }

  dock.guards.set(tab, () => {
    void keep()
    if (text.value.trim() && text.value !== applied) {
      const { context, title } = dock.get(tab) ?? { context: '', title: '' }
      const about = firstObject(text.value)
      const again = { ...content(), draft: name }
      toasts.add({
        tone: 'info',
        text: () => (about ? titled(t('create.draftKept'), about) : t('create.draftKept')),
        action: { label: () => t('create.reopen'), run: () => void dock.open(context, title, again) },
      })
    }
    return true
  })
  onBeforeUnmount(() => {
    void keep()
    dock.guards.delete(tab)
    window.removeEventListener('pagehide', leave)
  })

  /** Opens another draft: here when nothing has been typed, else in a tab of its own. */
  function resume(draft: string): void {
    const { context, title } = dock.get(tab)!
    const there = dock.tabs.find((other) => other.content.type === 'create' && other.content.draft === draft)
    if (there) return dock.show(there.id)
    void dock.open(context, title, { type: 'create', namespace: content().namespace, draft })
    if (!text.value.trim()) void dock.close(tab)
  }

  return { text, name, redacted, done, resume }
}
