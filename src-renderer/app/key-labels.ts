const arrows: Record<string, string> = { ArrowLeft: '←', ArrowUp: '↑', ArrowDown: '↓', ArrowRight: '→' }
const mac = navigator.platform.startsWith('Mac')

/** A key as the keyboard of this system writes it: `ctrl+d` → `Ctrl+D`, or `⌃D` on a Mac; `mod` is Ctrl or ⌘. */
export function keyLabel(key: string): string {
  return key
    .split('+')
    .map((part) => {
      if (part === 'ctrl') return mac ? '⌃' : 'Ctrl'
      if (part === 'mod') return mac ? '⌘' : 'Ctrl'
      if (part === 'shift') return mac ? '⇧' : 'Shift'
      if (part === 'alt') return mac ? '⌥' : 'Alt'
      if (part === 'arrows') return '←↑↓→'
      if (part === 'meta') return mac ? '⌘' : 'Meta'
      if (part in arrows) return arrows[part]
      return part.length === 1 && key.includes('+') ? part.toUpperCase() : part
    })
    .join(mac ? '' : '+')
}
