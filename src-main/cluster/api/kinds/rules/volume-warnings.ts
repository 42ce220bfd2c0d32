/** Warnings for volumes: storage systems that are gone, files that would be written over each other. */
import { formatQuantity, isWhole, tryParseQuantity } from './quantity.js'
import { items, type Sent } from './sent.js'
import type { SentVolume } from './volume-defaults.js'
import type * as k8s from '@kubernetes/client-node'

/** By the field of the source; `storageos` is named as the API server names it. */
const GONE: readonly (readonly [source: string, path: string, since: string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
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

/** A file of a volume, and the name of what it comes from where a volume has several of them. */
interface File {
  path: string
  source?: () => string
}

/** Sources that gave no warning and are the same for many pods, as those of the volume of a token. */
const silent = new WeakSet<object>()

/** Every new pod comes by here, with the volume of its token at least: texts are made once there is something to say. */
function overlapWarnings(v: SentVolume): string[] {
  const of = (what: string): string => `volume ${named(v.name)} (${what})`
  const single = (list: Paths, what: () => string): string[] => overlaps(files(list), () => of(what()))
  const texts: string[] = []
  if (v.configMap?.items) texts.push(...single(v.configMap.items, () => `ConfigMap ${named(v.configMap!.name)}`))
  if (v.secret?.items) texts.push(...single(v.secret.items, () => `Secret ${named(v.secret!.secretName)}`))
  if (v.downwardAPI?.items) texts.push(...single(v.downwardAPI.items, () => 'DownwardAPI'))
  const sent = v.projected?.sources
  if (!sent || silent.has(sent)) return texts
  const sources = items(sent)
  for (const s of sources) if (!Object.values(s).some(Boolean)) texts.push(`${of('Projected')} has no sources provided`)
  texts.push(...overlaps(sources.flatMap(projectedFiles), () => of('Projected')))
  if (texts.length === 0 && Object.isFrozen(sent)) silent.add(sent)
  return texts
}

type Paths = ({ path?: string | null } | null)[] | null | undefined

const named = (name: string | null | undefined): string => JSON.stringify(name ?? '')

const files = (list: Paths, source?: () => string): File[] =>
  items(list).map(({ path }) => ({ path: path ?? '', ...(source && { source }) }))

function projectedFiles(s: Sent<k8s.V1VolumeProjection>): File[] {
  if (s.configMap?.items) return files(s.configMap.items, () => `ConfigMap ${named(s.configMap!.name)}`)
  if (s.secret?.items) return files(s.secret.items, () => `Secret ${named(s.secret!.name)}`)
  if (s.downwardAPI?.items) return files(s.downwardAPI.items, () => 'DownwardAPI')
  if (s.serviceAccountToken) return files([s.serviceAccountToken], () => 'ServiceAccountToken')
  return []
}

/** One warning for each pair of files of which one is the other, or would have to be a directory for it. */
function overlaps(of: readonly File[], what: () => string): string[] {
  if (of.length < 2) return []
  const shown = (path: string, { source }: File): string => JSON.stringify(path) + (source ? ` (${source()})` : '')
  const plain = of.map(({ path }) => path.replace(/\/+$/, ''))
  const texts: string[] = []
  for (let i = 1; i < of.length; i++) {
    if (plain[i] === '') continue
    for (let j = 0; j < i; j++) {
      if (plain[j] === '' || !(isWithin(plain[j]!, plain[i]!) || isWithin(plain[i]!, plain[j]!))) continue
      texts.push(`${what()}: overlapping paths: ${shown(plain[i]!, of[i]!)} with ${shown(of[j]!.path, of[j]!)}`)
    }
  }
  return texts
}

/** Whether a path is another one or below it. */
const isWithin = (path: string, other: string): boolean =>
  path.startsWith(other) && (path.length === other.length || path[other.length] === '/')
