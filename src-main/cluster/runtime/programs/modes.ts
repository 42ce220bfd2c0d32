/** File modes as people read and write them. */
import type { Stat } from '../fs.js'

const TYPES: Record<Stat['type'], string> = { file: '-', directory: 'd', symlink: 'l', device: 'c', block: 'b', fifo: 'p', socket: 's' }

/** `drwxr-xr-x` */
export function modeText(stat: Pick<Stat, 'type' | 'mode'>): string {
  const { mode } = stat
  const bits = (n: number, special: boolean, set: string): string => {
    const x = special ? (n & 1 ? set : set.toUpperCase()) : n & 1 ? 'x' : '-'
    return (n & 4 ? 'r' : '-') + (n & 2 ? 'w' : '-') + x
  }
  return (
    TYPES[stat.type] +
    bits(mode >> 6, (mode & 0o4000) !== 0, 's') +
    bits(mode >> 3, (mode & 0o2000) !== 0, 's') +
    bits(mode, (mode & 0o1000) !== 0, 't')
  )
}

/** `755`, `u+x`, `go-w,a=r`: the new mode, or undefined when the text is no mode. */
export function applyMode(text: string, old: number, isDirectory: boolean, umask: number): number | undefined {
  if (/^[0-7]{1,5}$/.test(text)) return parseInt(text, 8) & 0o7777
  let mode = old
  for (const clause of text.split(',')) {
    const m = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause)
    if (!m) return undefined
    const who = m[1] || 'a'
    for (const action of m[2]!.matchAll(/([-+=])([ugo]|[rwxXst]*)/g)) {
      const op = action[1]!
      const perms = action[2]!
      let bits = 0
      if (/^[ugo]$/.test(perms)) bits = (mode >> { u: 6, g: 3, o: 0 }[perms as 'u']) & 7
      if (perms.includes('r')) bits |= 4
      if (perms.includes('w')) bits |= 2
      if (perms.includes('x') || (perms.includes('X') && (isDirectory || mode & 0o111))) bits |= 1
      let mask = 0
      let special = 0
      for (const w of who) {
        if (w === 'u' || w === 'a') mask |= bits << 6
        if (w === 'g' || w === 'a') mask |= bits << 3
        if (w === 'o' || w === 'a') mask |= bits
        if (perms.includes('s') && (w === 'u' || w === 'a')) special |= 0o4000
        if (perms.includes('s') && (w === 'g' || w === 'a')) special |= 0o2000
      }
      if (perms.includes('t')) special |= 0o1000
      // Without a class the umask holds back bits.
      if (!m[1]) mask &= ~umask
      if (op === '+') mode |= mask | special
      else if (op === '-') mode &= ~(mask | special)
      else {
        // A directory keeps its set-ID bits unless they are named.
        const bitsOf = isDirectory ? { u: 0o700, g: 0o070, o: 0o1007, a: 0o1777 } : { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 }
        const cleared = [...who].reduce((all, w) => all | bitsOf[w as 'u'], 0)
        mode = (mode & ~cleared) | mask | special
      }
    }
  }
  return mode
}
