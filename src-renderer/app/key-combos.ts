/**
 * Keys as text: `n`, `N`, `:`, `PageUp`, `ctrl+d`, `mod+shift+k` (`mod` is Ctrl or ⌘). Without Ctrl, Alt or ⌘ a key is what it writes,
 * so that Shift is in it already.
 */

/** What of a key event tells which key it is. */
export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

/** What of an event tells its key, as plain data. */
export function pressOf({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): KeyPress {
  return { key, code, ctrlKey, metaKey, altKey, shiftKey }
}

/** Keys that are no keys of their own. */
const modifiers = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'])

/** The key of an event, `ctrl+` and `meta+` told apart; empty for a modifier alone. */
export function comboOf(e: KeyPress): string {
  if (modifiers.has(e.key)) return ''
  const held = e.ctrlKey || e.metaKey || e.altKey
  let key = e.key === ' ' ? 'Space' : e.key
  if (held) {
    // With Alt or Shift a key may write something else than what is on it.
    const letter = /^(?:Key|Digit)([A-Z0-9])$/.exec(e.code)?.[1]
    key = e.code === 'Backquote' ? '`' : (letter ?? key).toLowerCase()
    if (key.length > 1) key = e.key
  }
  const parts = [e.ctrlKey && 'ctrl', e.metaKey && 'meta', e.altKey && 'alt', e.shiftKey && (held || key.length > 1) && 'shift', key]
  return parts.filter(Boolean).join('+')
}

/** The keys of events that a key as it is written stands for: `mod+k` is two. */
export function spellings(combo: string): string[] {
  return combo.startsWith('mod+') ? [combo.replace('mod', 'ctrl'), combo.replace('mod', 'meta')] : [combo]
}

/** Whether two keys can be one and the same press. */
export function sameKey(a: string, b: string): boolean {
  const other = new Set(spellings(b))
  return spellings(a).some((k) => other.has(k))
}

/** Keys that every list, menu and dialog needs, and those that stand for numbers: they cannot be given to something else. */
export function reserved(combo: string): boolean {
  return /^(?:shift\+)?(?:Escape|Enter|Tab|Space|Arrow\w+|Home|End|F10)$|^\d$|^(?:ctrl|meta|mod)\+[acvx]$|^alt\+\d$/.test(combo)
}
