/** YAML and creating: files and folders, documents applied, edits saved, texts kept. */
import type { RpcError } from './errors.js'
import type { ObjectRef } from './resources.js'

/** Where manifests come from: files that a window read itself, or files and folders of this machine. */
export type ManifestSource = { files: { path: string; bytes: Uint8Array }[] } | { paths: string[] }

/** What was found in files and folders. */
export interface ManifestText {
  /** The documents, each under a comment that names its file. Empty while a kustomization has to be chosen. */
  yaml: string
  documents: number
  /** The folder whose kustomization was built. */
  built?: string
  /** Folders that have a kustomization. */
  kustomizations: string[]
  /** Files that were left out, and why. */
  skipped: { path: string; reason: string }[]
}

/** What became of one document of a text. */
export interface DocumentResult {
  /** Which one, from 0, of those that are not empty. */
  document: number
  kind: string
  ref: ObjectRef
  action: 'created' | 'configured' | 'unchanged' | 'failed'
  /** Only in a dry run: it cannot be tried before what it needs, which is in the same text, is there. */
  waits?: 'namespace' | 'definition'
  error?: RpcError
}

/** What applying one document would change. Both texts leave out what the server writes; values of Secrets are `***`. */
export interface DocumentPreview extends DocumentResult {
  /** As it is; empty when there is none. */
  live: string
  /** As it would be; empty when the server refuses. */
  merged: string
}

/** Lines typed or files chosen for a ConfigMap or Secret. */
export type DataSource = { literal: string } | { key: string; bytes: Uint8Array } | { envFile: Uint8Array }

/** A text that is kept under a name. */
export interface KeptText {
  name: string
  /** When it was kept, ms since the epoch. */
  kept: number
  /** Its first words: kinds and names. */
  about: string
}

/** A field that was changed here and on the server. The values are YAML; empty: not set. */
export interface FieldConflict {
  field: string
  original: string
  mine: string
  theirs: string
}

export interface ApplyCalls {
  /**
   * Saves edited YAML as a merge patch of what changed between `original` and `edited`. Rejects with reason `Conflict`, and a cause for
   * each field, when the server has another value than `original` where something was changed; `force` saves all the same.
   */
  'objects.save': (p: {
    context: string
    ref: ObjectRef
    original: string
    edited: string
    dryRun?: boolean
    force?: boolean
  }) => Record<string, unknown>
  /**
   * Takes back what a merge patch, or another change of the fields that `patch` names, made of `before`. `made` is the answer to it: a
   * field that has another value by now is told with reason `Conflict`, and nothing is changed. With a subresource all of it is about that.
   */
  'objects.undo': (p: {
    context: string
    ref: ObjectRef
    subresource?: string
    patch: unknown
    before: unknown
    made: unknown
  }) => Record<string, unknown>
  /** The same for an edit that was saved. `prior`, where it was forced, is what the server had instead of `original`. */
  'objects.undoSave': (p: {
    context: string
    ref: ObjectRef
    original: string
    edited: string
    prior?: string
    made: unknown
  }) => Record<string, unknown>
  /** Puts what was changed between `original` and `edited` onto the object as it is now. */
  'objects.rebase': (p: { context: string; ref: ObjectRef; original: string; edited: string }) => {
    live: string
    merged: string
    conflicts: FieldConflict[]
  }
  /**
   * Applies one or several YAML documents with server-side apply, what others need first; gives one result per document, in the order in
   * which they were applied. `only` names the documents to apply (all by default), `force` takes over fields that others manage.
   */
  'objects.apply': (p: {
    context: string
    yaml: string
    namespace?: string
    dryRun?: boolean
    only?: number[]
    force?: boolean
  }) => DocumentResult[]
  /** What {@link ApplyCalls."objects.apply"} would change, object by object, against what is there. */
  'objects.preview': (p: { context: string; yaml: string; namespace?: string }) => DocumentPreview[]
  /** Reads manifests. `build` names the folder whose kustomization is to be built; null: none, the files as they are. */
  'manifests.read': (p: { source: ManifestSource; build?: string | null }) => ManifestText
  /** The `data` and `binaryData` of a ConfigMap or Secret from literals, files and env files. */
  'data.entries': (p: { kind: 'ConfigMap' | 'Secret'; sources: DataSource[] }) => {
    data?: Record<string, string>
    binaryData?: Record<string, string>
  }
  /** The person's own templates, by name. */
  'templates.list': (p: Record<string, never>) => KeptText[]
  'templates.get': (p: { name: string }) => string
  'templates.save': (p: { name: string; text: string }) => void
  'templates.remove': (p: { name: string }) => void
  /** Texts that were typed and not applied, newest first. */
  'drafts.list': (p: Record<string, never>) => KeptText[]
  /** `redacted`: the values of its Secrets were not kept over a restart. */
  'drafts.get': (p: { name: string }) => { text: string; redacted: boolean }
  /** Keeps a text while the backend runs, and on disk without the values of Secrets. An empty one is removed. */
  'drafts.save': (p: { name: string; text: string }) => void
}
