/** What a key press means for the clipboard in a terminal, as each operating system expects. */
export type ClipboardAct = 'copy' | 'paste' | 'search' | null

/**
 * Mac: ⌘C, ⌘V, ⌘F. Elsewhere: Ctrl+Shift+C, Ctrl+Shift+V, Ctrl+Shift+F, Ctrl+Insert, Shift+Insert; and Ctrl+C copies on Windows while
 * something is selected (else it interrupts, as always).
 */
export function clipboardAct(
  e: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'shiftKey' | 'metaKey' | 'altKey'>,
  platform: 'mac' | 'windows' | 'linux',
  selected: boolean,
): ClipboardAct {
  const key = e.key.toLowerCase()
  if (e.altKey) return null
  if (platform === 'mac') {
    if (!e.metaKey || e.ctrlKey) return null
    return key === 'c' ? 'copy' : key === 'v' ? 'paste' : key === 'f' ? 'search' : null
  }
  if (e.ctrlKey && e.shiftKey && key === 'c') return 'copy'
  if (e.ctrlKey && e.shiftKey && key === 'v') return 'paste'
  if (e.ctrlKey && e.shiftKey && key === 'f') return 'search'
  if (e.ctrlKey && !e.shiftKey && key === 'insert') return 'copy'
  if (e.shiftKey && !e.ctrlKey && key === 'insert') return 'paste'
  if (platform === 'windows' && e.ctrlKey && !e.shiftKey && key === 'c' && selected) return 'copy'
  if (platform === 'windows' && e.ctrlKey && !e.shiftKey && key === 'v') return 'paste'
  return null
}

/** The operating system that the keyboard follows. */
export function keyboardPlatform(platform: string): 'mac' | 'windows' | 'linux' {
  return /mac|darwin/i.test(platform) ? 'mac' : /^win/i.test(platform) ? 'windows' : 'linux'
}
