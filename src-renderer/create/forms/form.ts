import type { Path, Value } from '../yaml-text.js'

/** What can be picked from the cluster for a field. */
export type Choice =
  | 'namespaces'
  | 'services'
  | 'configMaps'
  | 'secrets'
  | 'tlsSecrets'
  | 'claims'
  | 'serviceAccounts'
  | 'ingressClasses'
  | 'volumes'

/** How one field of an object is edited. */
export type FieldKind =
  | { type: 'text'; choice?: Choice; placeholder?: string; mono?: boolean }
  | { type: 'number'; min?: number; placeholder?: string }
  /** A number, or the name of a port, or a percentage: what looks like a number is one. */
  | { type: 'intOrString'; placeholder?: string }
  /** `{ number }` or `{ name }` of a port of the Service beside it. */
  | { type: 'servicePort' }
  /** The empty option takes the field away: the server's default is the placeholder. */
  | { type: 'select'; options: readonly string[]; standard?: string }
  | { type: 'check' }
  /** A mapping that is there or not. */
  | { type: 'presence'; value: Value }
  /** A list of strings, one on each line. */
  | { type: 'words'; placeholder?: string }
  | { type: 'pairs' }
  | { type: 'list'; fields: readonly Field[]; item: () => Value; title: (item: Value, i: number) => string; compact?: boolean }
  | { type: 'env' }
  | { type: 'envFrom' }
  | { type: 'schedule' }
  | { type: 'workload' }
  | { type: 'selector' }
  | { type: 'data'; secret: boolean }
  | { type: 'secretValue'; multiline?: boolean; file?: boolean }
  | { type: 'dockerConfig' }

export type Field = FieldKind & {
  /** Its label is `create.field.ID`. */
  id: string
  /** From the object, or from the item that it is in. */
  path: Path
  hint?: string
  required?: boolean
  wide?: boolean
  /** The heading of its section says already what it is. */
  bare?: boolean
  /** Whether it makes sense for the object as it is. */
  when?: (object: Value) => boolean
}

export interface Section {
  /** Its heading is `create.section.ID`. */
  id: string
  fields: readonly Field[]
  /** Folded until somebody wants it, or something is in it. */
  folded?: boolean
}

/** A form for one kind. */
export interface Form {
  apiVersion: string
  kind: string
  sections: readonly Section[]
  /** What else changes with a field: labels and selectors that have the object's old name, data that another type has no use for. */
  follow?: (object: Value, path: string, value: Value) => { path: Path; value: Value }[]
}

/** Name, namespace and labels, which every form begins with. */
export const identity = (...more: Field[]): Section => ({
  id: 'general',
  fields: [
    { id: 'name', path: ['metadata', 'name'], type: 'text', required: true },
    { id: 'namespace', path: ['metadata', 'namespace'], type: 'text', choice: 'namespaces' },
    ...more,
  ],
})

export const labels: Field = { id: 'labels', path: ['metadata', 'labels'], type: 'pairs', wide: true }
