/** What changed between two versions of an object, in the form that messages about immutable specs show it. */
import { semanticEqual } from './sent.js'

/**
 * The changed fields of a structure, old lines marked `-` and new ones `+`, the others counted:
 * the layout of the diffs in kube-apiserver's messages, with values as JSON.
 */
export function specDiff(goType: string, old: object | null | undefined, changed: object | null | undefined): string {
  const before = (old ?? {}) as Record<string, unknown>
  const after = (changed ?? {}) as Record<string, unknown>
  const lines = [`  ${goType}{`]
  let same = 0
  const flush = (): void => {
    if (same > 0) lines.push(`  \t... // ${same} identical fields`)
    same = 0
  }
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (semanticEqual(before[name], after[name])) {
      same++
      continue
    }
    flush()
    const label = name.charAt(0).toUpperCase() + name.slice(1)
    lines.push(`- \t${label}: ${shown(before[name])},`, `+ \t${label}: ${shown(after[name])},`)
  }
  flush()
  lines.push('  }', '')
  return lines.join('\n')
}

function shown(value: unknown): string {
  return value === undefined || value === null ? 'nil' : JSON.stringify(value)
}
