/** Assignments: to variables, to elements of arrays, of whole arrays. */
import type { Assignment, Word } from './ast.js'
import { expandString, expandWords } from './expand.js'
import { expandArithmetic } from './arithmetic-expansion.js'
import type { Shell } from './shell.js'
import { arrayText } from './source-text.js'
import type { Assigned } from './xtrace.js'
import { AssignmentError } from './variables.js'

export function setVariable(shell: Shell, name: string, value: string): void {
  try {
    shell.variables.set(name, value)
  } catch (error) {
    throw readonlyError(shell, error)
  }
}

/** A variable that cannot be written as the shell's own error; other errors as they are. */
export function readonlyError(shell: Shell, error: unknown): unknown {
  if (!(error instanceof AssignmentError)) return error
  return shell.discard(
    `${error.variable}: ${shell.dialect === 'bash' && error.reason === 'is read only' ? 'readonly variable' : error.reason}`,
  )
}

/** Performs an assignment; returns what `set -x` tells of it. */
export async function assign(shell: Shell, a: Assignment): Promise<Assigned> {
  const { variables } = shell
  try {
    if (a.elements) {
      await assignArray(shell, a)
      return { name: a.name, value: arrayText(a.elements), array: true }
    }
    let value = await expandString(shell, a.value, { assignment: true })
    if (a.index) {
      const associative = variables.lookup(a.name)?.associative
      const key = associative ? await expandString(shell, a.index) : String(await expandArithmetic(shell, a.index))
      if (associative && key === '') throw shell.discard(`${a.name}[]: bad array subscript`)
      if (variables.lookup(a.name)?.integer) {
        const sum = a.append ? `${variables.getElement(a.name, key) || 0}+(${value})` : value
        value = String(await expandArithmetic(shell, [{ type: 'text', text: sum, quoted: true }]))
      } else if (a.append) value = (variables.getElement(a.name, key) ?? '') + value
      variables.setElement(a.name, key, value)
      return { name: `${a.name}[${key}]`, value }
    }
    if (variables.lookup(a.name)?.integer) {
      const base = a.append ? `${variables.get(a.name) || 0}+(${value})` : value
      value = String(await expandArithmetic(shell, [{ type: 'text', text: base, quoted: true }]))
    } else if (a.append) value = (variables.get(a.name) ?? '') + value
    variables.set(a.name, value)
    return { name: a.name, value }
  } catch (error) {
    throw readonlyError(shell, error)
  }
}

async function assignArray(shell: Shell, a: Assignment): Promise<void> {
  const { variables } = shell
  const old = variables.lookup(a.name)
  // All words are expanded before the array changes.
  const elements = new Map<string, string>()
  let next = a.append && !old?.associative ? variables.lastIndex(a.name) + 1 : 0
  if (old?.associative && a.elements!.length > 0 && !a.elements![0]!.index) {
    // Keys and values by turns.
    const values = await expandWords(
      shell,
      a.elements!.map((e) => e.value),
    )
    for (let i = 0; i < values.length; i += 2) elements.set(values[i]!, values[i + 1] ?? '')
    return keepElements(shell, a, elements)
  }
  for (const e of a.elements!) {
    if (e.index) {
      const key = old?.associative ? await expandString(shell, e.index) : String(await expandArithmetic(shell, e.index))
      elements.set(key, await expandString(shell, e.value))
      next = Number(key) + 1
    } else for (const value of await expandWords(shell, [e.value])) elements.set(String(next++), value)
  }
  return keepElements(shell, a, elements)
}

/** CPU ms that an element costs. */
const ELEMENT_COST = 0.0005

/** Gives an array its elements, or some more. */
async function keepElements(shell: Shell, a: Assignment, elements: Map<string, string>): Promise<void> {
  const { variables, task } = shell
  const pause = task.tick(elements.size * ELEMENT_COST)
  if (pause) await pause
  if (!a.append) return variables.setArray(a.name, elements)
  if (!variables.lookup(a.name)?.elements && elements.size === 0) return variables.setArray(a.name, elements)
  for (const [key, value] of elements) variables.setElement(a.name, key, value)
}

/** The assignment of a value to a name or to an element, given as `name[index]`. */
export function assignmentTo(target: string, value: string): Assignment {
  const m = /^([^[]*)\[(.*)\]$/s.exec(target)
  const text = (t: string): Word => (t === '' ? [] : [{ type: 'text', text: t, quoted: true }])
  return { name: m ? m[1]! : target, append: false, value: text(value), ...(m ? { index: text(m[2]!) } : {}) }
}
