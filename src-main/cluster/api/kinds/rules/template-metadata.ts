/** Metadata of templates inside other objects (pod templates, claim templates); that of whole objects is the server's. */
import { field, type FieldError } from '../../errors.js'
import type { ObjectMeta } from '../../object.js'
import { qualifiedName } from './names.js'
import { validateLabelMap } from './selectors.js'
import { entries, type Sent, type SentMap } from './sent.js'

const ANNOTATIONS_LIMIT = 256 * 1024

export type SentMeta = Sent<ObjectMeta>

/** Checks annotations: each key qualified (in any case), and 256 KiB altogether. */
export function validateAnnotations(annotations: SentMap, path: string, errors: FieldError[]): void {
  let size = 0
  for (const [k, v] of entries(annotations)) {
    for (const m of qualifiedName(k.toLowerCase())) errors.push(field.invalid(path, k, m))
    size += Buffer.byteLength(k) + Buffer.byteLength(v ?? '')
  }
  if (size > ANNOTATIONS_LIMIT) errors.push(field.tooLong(path, ANNOTATIONS_LIMIT))
}

/** Checks the metadata of a template of which only labels and annotations may be set. */
export function validateTemplateMetadata(metadata: SentMeta | null | undefined, path: string, errors: FieldError[]): void {
  const meta = metadata ?? {}
  validateAnnotations(meta.annotations, `${path}.annotations`, errors)
  validateLabelMap(meta.labels, `${path}.labels`, errors)
  for (const [name, value] of Object.entries(meta)) {
    if (name === 'labels' || name === 'annotations') continue
    const set = value !== null && value !== undefined && value !== '' && value !== 0 && !(Array.isArray(value) && value.length === 0)
    if (set) errors.push(field.forbidden(`${path}.${name}`, 'cannot be set'))
  }
}
