/**
 * /statusz and /flagz: what a component of the control plane says of itself, as text for people and, to those who ask for
 * it by name, as an object of `config.k8s.io`. https://kubernetes.io/docs/reference/instrumentation/zpages/
 */
import { rfc3339 } from '../../clock.js'
import { VERSION } from './version.js'

const WARNING =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.'
const GROUP = 'config.k8s.io'
const VERSIONS = new Set(['v1beta1', 'v1alpha1'])

/** What is answered: text, or an object of a version as JSON or YAML. */
export type ZPageForm = 'text' | { readonly mediaType: 'application/json' | 'application/yaml'; readonly version: string }

/** What /statusz tells. Times in ms since the epoch. */
export interface ComponentStatus {
  readonly component: string
  readonly started: number
  readonly now: number
  /** Where more can be read, by the first part of each path. */
  readonly paths: readonly string[]
}

/** The first form of an Accept header that there is; undefined when there is none (406). */
export function zPageForm(accept: string | undefined, kind: 'Statusz' | 'Flagz'): ZPageForm | undefined {
  if (!accept) return 'text'
  for (const offered of accept.split(',')) {
    const [type, ...rest] = offered.split(';').map((part) => part.trim())
    if (type === 'text/plain' || type === 'text/*' || type === '*/*') return 'text'
    if (type !== 'application/json' && type !== 'application/yaml') continue
    const parameters = new Map(rest.map((part) => part.split('=', 2) as [string, string]))
    const version = parameters.get('v') ?? ''
    if (parameters.get('g') === GROUP && parameters.get('as') === kind && VERSIONS.has(version)) return { mediaType: type, version }
  }
  return undefined
}

/** A page in both of its forms. */
export interface ZPage {
  readonly text: string
  readonly object: (version: string) => object
}

const objectOf =
  (kind: string, component: string, rest: object): ZPage['object'] =>
  (version) => ({ kind, apiVersion: `${GROUP}/${version}`, metadata: { name: component }, ...rest })

/** /statusz */
export function statusz({ component, started, now, paths }: ComponentStatus): ZPage {
  const { goVersion } = VERSION
  const binaryVersion = VERSION.gitVersion.slice(1)
  const emulationVersion = `${VERSION.emulationMajor}.${VERSION.emulationMinor}`
  return {
    text: `
${component} statusz
${WARNING}

Started: ${unixDate(started)}
Up: ${uptime(now - started)}
Go version: ${goVersion}
Binary version: ${binaryVersion}
Emulation version: ${emulationVersion}
Paths: ${paths.join(' ')}
`,
    object: objectOf('Statusz', component, {
      startTime: rfc3339(started),
      uptimeSeconds: Math.floor((now - started) / 1000),
      goVersion,
      binaryVersion,
      emulationVersion,
      minimumCompatibilityVersion: `${VERSION.minCompatibilityMajor}.${VERSION.minCompatibilityMinor}`,
      paths,
    }),
  }
}

/** /flagz: a line for each flag, in the order of their names. */
export function flagz(component: string, flags: Readonly<Record<string, string>>): ZPage {
  const lines = Object.keys(flags)
    .sort()
    .map((name) => `${name}=${flags[name]}\n`)
  return { text: `\n${component} flagz\n${WARNING}\n${lines.join('')}`, object: objectOf('Flagz', component, { flags }) }
}

/** A time as Go's UnixDate: `Sat Nov 21 09:00:00 UTC 2026`. */
function unixDate(ms: number): string {
  const [day, date, month, year, time] = new Date(ms).toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${String(Number(date)).padStart(2, ' ')} ${time} UTC ${year}`
}

/** `1 hr 02 min 03 sec`. */
function uptime(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${Math.floor(seconds / 3600)} hr ${two(Math.floor(seconds / 60) % 60)} min ${two(seconds % 60)} sec`
}
