/** Reads manifests from files and folders into one text: YAML and JSON, folders with all that is below them, kustomizations built. */
import path from 'node:path'
import { BackendError, toRpcError, problem } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { Calls, ManifestText } from '../rpc/contract.js'
import { buildKustomization } from './kustomize/build.js'
import { isKustomization, kustomizationFolders } from './kustomize/kustomization.js'
import { filesOnDisk, givenFiles, textOf, type ManifestFiles } from './manifest-files.js'
import { fromYaml, toYaml } from './yaml.js'

const MANIFEST = /\.(ya?ml|json)$/i

/** Throws when nothing is there to apply, when a kustomization cannot be built, and for what {@link filesOnDisk} throws. */
export function readManifests(p: Parameters<Calls['manifests.read']>[0]): ManifestText {
  const { files, top } = 'paths' in p.source ? onDisk(p.source.paths) : { files: givenFiles(p.source.files), top: undefined }
  const kustomizations = kustomizationFolders(files.names)
  const root = top ?? commonFolder(files.names)
  const build = p.build === undefined && kustomizations.includes(root) ? root : p.build
  if (typeof build === 'string') {
    const objects = buildKustomization(files, build)
    const yaml = objects.map((o) => toYaml(o)).join('---\n')
    return { yaml, documents: objects.length, built: build, kustomizations, skipped: [] }
  }
  if (build === undefined && kustomizations.length) return { yaml: '', documents: 0, kustomizations, skipped: [] }
  return { ...plain(files), kustomizations }
}

function onDisk(paths: readonly string[]): { files: ManifestFiles; top: string | undefined } {
  const { files, picked } = filesOnDisk(paths)
  return { files, top: picked.length === 1 ? picked[0] : undefined }
}

/** The deepest folder that all files are in. */
function commonFolder(names: readonly string[]): string {
  const folders = names.map((n) => path.posix.dirname(n).split('/'))
  const shared = folders[0] ?? ['.']
  let length = shared.length
  for (const f of folders) {
    let i = 0
    while (i < length && f[i] === shared[i]) i++
    length = i
  }
  return shared.slice(0, length).join('/') || '.'
}

/** The files as they are written, comments and all; JSON becomes YAML. */
function plain(files: ManifestFiles): Omit<ManifestText, 'kustomizations'> {
  const parts: string[] = []
  const skipped: ManifestText['skipped'] = []
  let documents = 0
  for (const name of files.names) {
    if (!MANIFEST.test(name) || isKustomization(name)) continue
    const text = textOf(files, name)
    if (text === undefined) continue
    let objects: Json[]
    try {
      objects = fromYaml(text)
    } catch (error) {
      skipped.push({ path: name, reason: toRpcError(error).message })
      continue
    }
    if (objects.length === 0) continue
    if (objects.some((o) => !o.apiVersion || !o.kind)) {
      skipped.push({ path: name, reason: `${objects.some((o) => !o.apiVersion) ? 'apiVersion' : 'kind'} is not set.` })
      continue
    }
    documents += objects.length
    const body = /\.json$/i.test(name) ? objects.map((o) => toYaml(o)).join('---\n') : text.replace(/^(\s*---[ \t]*\r?\n)+/, '')
    parts.push(`# Source: ${name}\n${body.trimEnd()}\n`)
  }
  if (parts.length === 0)
    throw skipped[0]
      ? new BackendError({ reason: 'Invalid', message: `${skipped[0].path}: ${skipped[0].reason}` })
      : problem('Invalid', 'noManifest')
  return { yaml: parts.join('---\n'), documents, skipped }
}
