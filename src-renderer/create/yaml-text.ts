/** A text with one or several YAML documents, and changes of single fields in it that leave comments and the rest as they were written. */
import { isCollection, isMap, isScalar, parseDocument, type Document, type Node } from 'yaml'

export type Path = readonly (string | number)[]

/** One document of a text; `from` and `to` are offsets of what is between the separators. */
export interface TextDocument {
  from: number
  to: number
  text: string
}

/** The documents that hold something, as the backend counts them: what is only comments and blank lines is none. */
export function documentsOf(text: string): TextDocument[] {
  const out: TextDocument[] = []
  let from = 0
  const add = (to: number): void => {
    const part = text.slice(from, to)
    if (part.split('\n').some((line) => line.trim() !== '' && !line.trimStart().startsWith('#') && line.trim() !== '...'))
      out.push({ from, to, text: part })
  }
  for (const m of text.matchAll(/^---(?=[ \t\r\n]|$)[^\n]*\n?/gm)) {
    add(m.index)
    from = m.index + m[0].length
  }
  add(text.length)
  return out
}

/** The document that an offset is in; the one before it when it is between two. Undefined when there is none. */
export function documentAt(documents: readonly TextDocument[], offset: number): number | undefined {
  let found: number | undefined
  documents.forEach((d, i) => {
    if (d.from <= offset) found = i
  })
  return found ?? (documents.length ? 0 : undefined)
}

const parse = (text: string): Document.Parsed => parseDocument(text, { version: '1.1', keepSourceTokens: false })

// What a person writes can have any shape.
// oxlint-disable-next-line typescript/no-explicit-any
export type Value = any

/** The value of a document; an error with its line (from 0, within the document) when it cannot be read. */
export function readDocument(text: string): { value: Value } | { error: string; line: number } {
  const doc = parse(text)
  const problem = doc.errors[0]
  if (problem)
    return { error: problem.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''), line: (problem.linePos?.[0].line ?? 1) - 1 }
  return { value: doc.toJS({ maxAliasCount: 100 }) }
}

/** The value at a path; undefined when there is nothing. */
export function valueAt(value: Value, path: Path): Value {
  return path.reduce((v, step) => (v === null || typeof v !== 'object' ? undefined : v[step]), value)
}

/**
 * The document with other values at some paths. Undefined removes a field, and with it the mappings above that have nothing else. What is
 * not touched keeps its comments and its order. A document that cannot be read comes back as it is.
 */
export function withValues(text: string, changes: readonly { path: Path; value: Value }[]): string {
  const doc = parse(text)
  if (doc.errors.length) return text
  for (const { path, value } of changes) {
    if (value === undefined) remove(doc, path)
    else set(doc, path, value)
  }
  // Lists stand further in, or not, as in the text.
  const indentSeq = !/^(\s*)[\w"'./-]+:[ \t]*\n\1- /m.test(text)
  return doc.toString({ lineWidth: 0, indentSeq, flowCollectionPadding: true })
}

function set(doc: Document, path: Path, value: Value): void {
  const before = doc.getIn(path, true)
  // A scalar keeps its comment; its style is chosen anew where the old one does not fit.
  if (isScalar(before) && (typeof value !== 'object' || value === null)) {
    if (before.value === value) return
    // What was empty had quotes only because it was.
    const empty = before.value === ''
    before.value = value
    delete before.source
    if (empty || typeof value !== 'string' || value.includes('\n') !== (before.type?.startsWith('BLOCK') ?? false)) delete before.type
    return
  }
  const existing = pathThatIs(doc, path)
  // Mappings on the way may be written `key: {}` or `key:`: they become blocks.
  for (let i = existing; i < path.length; i++) {
    const at = path.slice(0, i)
    const node = at.length ? doc.getIn(at, true) : doc.contents
    if (isCollection(node)) {
      if (node.items.length === 0) node.flow = false
    } else if (node === undefined || node === null || (isScalar(node) && node.value === null)) {
      const made = doc.createNode(typeof path[i] === 'number' ? [] : {}) as Node
      if (at.length) doc.setIn(at, made)
      else doc.contents = made as never
    }
  }
  doc.setIn(path, doc.createNode(value))
}

/** How many steps of a path are there already as collections. */
function pathThatIs(doc: Document, path: Path): number {
  for (let i = 0; i < path.length; i++) {
    const at = path.slice(0, i)
    const node = at.length ? doc.getIn(at, true) : doc.contents
    if (!isCollection(node) || node.items.length === 0) return i
  }
  return path.length
}

function remove(doc: Document, path: Path): void {
  for (let length = path.length; length > 0; length--) {
    const at = path.slice(0, length)
    const holder = length > 1 ? doc.getIn(at.slice(0, -1), true) : doc.contents
    if (!isCollection(holder)) continue
    if (doc.getIn(at, true) !== undefined || (isMap(holder) && holder.has(at.at(-1)))) doc.deleteIn(at)
    // A mapping that has nothing left goes too; metadata, spec and items of lists stay.
    if (length <= 2 || !isMap(holder) || holder.items.length > 0 || typeof at.at(-2) === 'number') return
  }
}

/** The text with another document in place of one. */
export function replaceDocument(text: string, document: TextDocument, by: string): string {
  const end = by.endsWith('\n') ? by : `${by}\n`
  return text.slice(0, document.from) + end + text.slice(document.to)
}

/** The text with one more document at its end. */
export function appendDocument(text: string, document: string): string {
  const before = text.trimEnd()
  return before ? `${before}\n---\n${document}` : document
}
