/** The texts of a release's revisions, one by one and two to be compared, and the objects of its manifest as they are now. */
import { toYaml } from '../apply/yaml.js'
import { isMap } from '../apply/fields.js'
import { toRpcError } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import { stateOf } from '../relations/state.js'
import type { HelmObject, HelmRevisionRef, HelmRevisionTexts, KindInfo } from '../rpc/contract.js'
import { objectPath } from '../session/paths.js'
import type { Session } from '../session/session.js'
import { holdsSecrets, manifestPieces, maskedManifest } from './manifest-secrets.js'
import { computedValues, decodeRelease, recordName } from './release-record.js'

/** How many objects are asked for at once. */
const AT_ONCE = 8

/** A revision as Helm wrote it: from its Secret, or from its ConfigMap where there is no such Secret. */
export async function readRevision(session: Session, { namespace, name, revision }: Omit<HelmRevisionRef, 'context'>): Promise<Json> {
  const api = await session.api()
  const read = (resource: string): Promise<Json> =>
    api.json(objectPath({ group: '', version: 'v1', resource, namespace, name: recordName(name, revision) }))
  try {
    return decodeRelease(await read('secrets'))
  } catch (error) {
    const code = toRpcError(error).code
    if (code !== 404 && code !== 403) throw error
    const held = await read('configmaps').catch(() => undefined)
    if (!held) throw error
    return decodeRelease(held)
  }
}

const yamlOf = (values: Json): string => (isMap(values) && Object.keys(values).length ? toYaml(values) : '')

function textsOf(release: Json, manifest: (text: string) => string): HelmRevisionTexts {
  const given = release.config ?? {}
  const hooks = ((release.hooks ?? []) as { path: string; manifest: string }[])
    .map((h) => `---\n# Source: ${h.path}\n${h.manifest}\n`)
    .join('')
  return {
    values: yamlOf(given),
    computed: yamlOf(computedValues(release.chart?.values ?? {}, given)),
    manifest: manifest(release.manifest ?? ''),
    secrets: holdsSecrets(`${release.manifest ?? ''}\n${hooks}`),
    hooks: manifest(hooks),
    notes: release.info?.notes ?? '',
  }
}

/** The texts of one revision. */
export async function revisionTexts(session: Session, p: HelmRevisionRef & { reveal?: boolean }): Promise<HelmRevisionTexts> {
  return textsOf(await readRevision(session, p), (text) => (p.reveal ? text : maskedManifest(text)))
}

/** The texts of two revisions, in which it shows which values of Secrets differ and never what they are. */
export async function comparedTexts(
  session: Session,
  p: HelmRevisionRef & { with: number },
): Promise<[HelmRevisionTexts, HelmRevisionTexts]> {
  const [a, b] = await Promise.all([readRevision(session, p), readRevision(session, { ...p, revision: p.with })])
  const all = (release: Json): string => [release.manifest ?? '', ...(release.hooks ?? []).map((h: Json) => h.manifest)].join('\n---\n')
  return [
    textsOf(a, (text) => maskedManifest(text, { manifest: all(b), word: 'before' })),
    textsOf(b, (text) => maskedManifest(text, { manifest: all(a), word: 'after' })),
  ]
}

/** The objects of a revision's manifest, in its order, as they are in the cluster now. */
export async function releaseObjects(session: Session, p: HelmRevisionRef): Promise<HelmObject[]> {
  const [release, kinds] = await Promise.all([readRevision(session, p), session.kinds()])
  const found = manifestPieces(release.manifest ?? '').flatMap(({ object }) =>
    object?.kind === 'List' && Array.isArray(object.items) ? (object.items as Json[]) : object?.kind ? [object as Json] : [],
  )
  const out: HelmObject[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < found.length) {
      const i = next++
      out[i] = await liveObject(session, kinds, found[i], p.namespace)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, found.length) }, worker))
  return out
}

async function liveObject(session: Session, kinds: readonly KindInfo[], object: Json, releaseNamespace: string): Promise<HelmObject> {
  const apiVersion: string = object.apiVersion ?? ''
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : ''
  const kind = kinds.find((k) => k.group === group && k.kind === object.kind)
  const name: string = object.metadata?.name ?? ''
  // Helm puts what names no namespace into that of the release.
  const namespace = kind && !kind.namespaced ? undefined : (object.metadata?.namespace ?? releaseNamespace)
  const named = { apiVersion, kind: object.kind, name, ...(namespace ? { namespace } : {}) }
  if (!kind) return { ...named, status: '' }
  const ref = { group: kind.group, version: kind.version, resource: kind.resource, name, ...(namespace ? { namespace } : {}) }
  const live = { kind, ref }
  try {
    // Of Secrets and ConfigMaps only metadata is read: that they are there is all that there is to say.
    const plain = group === '' && (kind.resource === 'secrets' || kind.resource === 'configmaps')
    const now = await (
      await session.api()
    ).json(objectPath(ref), plain ? { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json' } : {})
    return { ...named, live, ...stateOf(kind, now) }
  } catch (error) {
    const { code } = toRpcError(error)
    if (code === 404) return { ...named, live, status: '', tone: 'bad', missing: true }
    if (code === 403) return { ...named, live, status: '', forbidden: true }
    throw error
  }
}
