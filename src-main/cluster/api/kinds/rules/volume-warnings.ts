/** Warnings for volumes: storage systems that are gone, files that would be written over each other. */
import { formatQuantity, isWhole, tryParseQuantity } from './quantity.js'
import { items, type Sent } from './sent.js'
import type { SentVolume } from './volume-defaults.js'
import type * as k8s from '@kubernetes/client-node'

/** By the field of the source; `storageos` is named as the API server names it. */
const GONE: readonly (readonly [source: string, path: string, since: string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
]

/** Warnings for a source of storage that no longer works, of a pod's volume or a PersistentVolume. */
export function storageSourceWarnings(source: object, path: string): string[] {
  return GONE.filter(([name]) => (source as Record<string, unknown>)[name]).map(([, name, since]) => `${path}.${name}: ${since}`)
}

/** A warning for an amount of bytes that is no whole number. */
export function fractionWarning(text: string | null | undefined, path: string): string[] {
  const amount = tryParseQuantity(text)
  if (!amount || isWhole(amount)) return []
  return [`${path}: fractional byte value ${JSON.stringify(formatQuantity(amount))} is invalid, must be an integer`]
}

/** Warnings for the volumes of a pod. `path` is that of the list. */
export function volumeWarnings(volumes: (SentVolume | null)[] | null | undefined, path: string): string[] {
  const texts: string[] = []
  items(volumes).forEach((v, i) => {
    texts.push(...storageSourceWarnings(v, `${path}[${i}]`))
    const resources = v.ephemeral?.volumeClaimTemplate?.spec?.resources
    const at = `${path}[${i}].ephemeral.volumeClaimTemplate.spec.resources`
    texts.push(...fractionWarning(resources?.requests?.['storage'], `${at}.requests[storage]`))
    texts.push(...fractionWarning(resources?.limits?.['storage'], `${at}.limits[storage]`))
  })
  for (const v of items(volumes)) texts.push(...overlapWarnings(v))
  return texts
}

const filePaths = (list: ({ path?: string | null } | null)[] | null | undefined): string[] => items(list).map((f) => f.path ?? '')

function overlapWarnings(v: SentVolume): string[] {
  const of = `volume ${JSON.stringify(v.name ?? '')}`
  const named = (name: string | null | undefined): string => JSON.stringify(name ?? '')
  const texts: string[] = []
  if (v.configMap?.items) texts.push(...overlaps(filePaths(v.configMap.items), `${of} (ConfigMap ${named(v.configMap.name)})`))
  if (v.secret?.items) texts.push(...overlaps(filePaths(v.secret.items), `${of} (Secret ${named(v.secret.secretName)})`))
  if (v.downwardAPI?.items) texts.push(...overlaps(filePaths(v.downwardAPI.items), `${of} (DownwardAPI)`))
  const all = new Set<string>()
  for (const s of items(v.projected?.sources)) {
    const source = projectedFiles(s)
    if (!Object.values(s).some(Boolean)) texts.push(`${of} (Projected) has no sources provided`)
    if (!source || source.paths.length === 0) continue
    const what = `${of} (Projected ${source.what})`
    texts.push(...overlaps(source.paths, what))
    texts.push(...overlaps([...new Set(source.paths), ...all].sort(), what))
    for (const p of source.paths) all.add(p)
  }
  return texts
}

function projectedFiles(s: Sent<k8s.V1VolumeProjection>): { paths: string[]; what: string } | undefined {
  if (s.configMap?.items) return { paths: filePaths(s.configMap.items), what: `ConfigMap ${JSON.stringify(s.configMap.name ?? '')}` }
  if (s.secret?.items) return { paths: filePaths(s.secret.items), what: `Secret ${JSON.stringify(s.secret.name ?? '')}` }
  if (s.downwardAPI?.items) return { paths: filePaths(s.downwardAPI.items), what: 'DownwardAPI' }
  if (s.serviceAccountToken) return { paths: [s.serviceAccountToken.path ?? ''], what: 'ServiceAccountToken' }
  return undefined
}

/** One warning for each path that is another's, or that begins as another does. */
function overlaps(paths: readonly string[], what: string): string[] {
  const texts: string[] = []
  const seen = new Set<string>()
  for (const path of paths) {
    const plain = path.replace(/\/+$/, '')
    const other = plain === '' ? undefined : [...seen].find((s) => s !== '' && (`${s}/`.startsWith(plain) || `${plain}/`.startsWith(s)))
    if (other !== undefined) texts.push(`${what}: overlapping paths: ${JSON.stringify(plain)} with ${JSON.stringify(other)}`)
    seen.add(plain)
  }
  return texts
}
