/** What changed between two versions of an object, in the form that messages about immutable specs show it. */
import { modelOf, type Model, type Property } from '../../schema/schema.js'
import { semanticEqual } from './sent.js'

type Fields = Record<string, unknown>

/**
 * The changed fields of a structure, old lines marked `-` and new ones `+`, the others counted: the layout of the diffs
 * in kube-apiserver's messages. `model` names the structure in the schema, such as `V1PodSpec`; `name` is what the
 * server calls it, where that is a part of the model.
 */
export function specDiff(
  model: string,
  old: object | null | undefined,
  changed: object | null | undefined,
  name = modelOf(model).goName,
): string {
  const lines: string[] = []
  diffFields(modelOf(model), '', `core.${name}`, (old ?? {}) as Fields, (changed ?? {}) as Fields, lines)
  // The outermost line ends the text, thus has no comma.
  lines[lines.length - 1] = '  }'
  return [...lines, ''].join('\n')
}

function diffFields(model: Model | undefined, indent: string, head: string, before: Fields, after: Fields, lines: string[]): void {
  lines.push(`  ${indent}${head}{`)
  const inner = `${indent}\t`
  let same = 0
  const flush = (): void => {
    if (same > 0) lines.push(`  ${inner}... // ${same} identical fields`)
    same = 0
  }
  for (const name of model ? model.properties.keys() : new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (semanticEqual(before[name], after[name])) {
      same++
      continue
    }
    flush()
    diffValue(model?.properties.get(name), inner, capital(name), before[name], after[name], lines)
  }
  flush()
  lines.push(`  ${indent}},`)
}

function diffValue(property: Property | undefined, indent: string, label: string, a: unknown, b: unknown, lines: string[]): void {
  const type = goType(property)
  if (isFields(a) && isFields(b)) return diffFields(property?.model, indent, `${label}: ${type}`, a, b, lines)
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length && [...a, ...b].every(isFields)) {
    lines.push(`  ${indent}${label}: ${type}{`)
    let same = 0
    a.forEach((element: Fields, i) => {
      if (semanticEqual(element, b[i])) same++
      else diffFields(property?.items?.model, `${indent}\t`, '', element, b[i] as Fields, lines)
    })
    if (same > 0) lines.push(`  ${indent}\t... // ${same} identical elements`)
    lines.push(`  ${indent}},`)
    return
  }
  lines.push(`- ${indent}${label}: ${shown(a, type)},`, `+ ${indent}${label}: ${shown(b, type)},`)
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The type as the server's own code calls it: `v1.Container` is `core.Container` there. */
function goType(property: Property | undefined): string {
  return property?.goType.replace(/\bv1\./, 'core.') ?? ''
}

/** A value as a Go literal; the type stands in front of lists and structures. */
function shown(value: unknown, type = ''): string {
  if (value === undefined || value === null) return 'nil'
  if (Array.isArray(value)) return `${type}{${value.map((v) => shown(v)).join(', ')}}`
  if (isFields(value)) {
    const key = type.startsWith('map[') ? (k: string): string => JSON.stringify(k) : capital
    return `${type}{${Object.entries(value)
      .map(([k, v]) => `${key(k)}: ${shown(v)}`)
      .join(', ')}}`
  }
  return JSON.stringify(value)
}
