/**
 * What the controller makes of the cluster's objects: the servers and locations of nginx.conf. Precedence, sorting and
 * the treatment of path types are those of the ingress-nginx documentation and its generated configuration.
 */
import { X509Certificate } from 'node:crypto'
import type { Ingress } from '../../../api/kinds/ingress.js'
import type { IngressClass } from '../../../api/kinds/ingressclass.js'
import type { EndpointSlice, Secret, Service } from '../../../api/object.js'
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import { readAnnotations, type Settings } from './annotations.js'

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const SERVICE_NAME = 'kubernetes.io/service-name'

export interface Endpoint {
  /** An address, or the name of an ExternalName service. */
  host: string
  port: number
}

export interface Backend {
  /** As nginx' upstreams are named: `default-web-80`. */
  name: string
  endpoints: readonly Endpoint[]
}

export interface Location {
  path: string
  /** `regex` where a rewrite or use-regex of the host made all its paths expressions. */
  kind: 'exact' | 'prefix' | 'regex'
  pattern: RegExp | undefined
  /** Undefined where nothing but a redirect or the default page is meant. */
  backend: Backend | undefined
  /** Chosen instead of `backend` for some requests. */
  canary: { backend: Backend; settings: NonNullable<Settings['canary']> } | undefined
  settings: Settings
  /** `namespace/name`. */
  ingress: string
}

export interface Server {
  /** A name, `*.` and a name, or `_` for the default server. */
  host: string
  locations: readonly Location[]
  /** Whether TLS is on; without a certificate of its own the default one is shown. */
  tls: boolean
  certificate: { cert: string; key: string } | undefined
}

/** What the controller has read from the API server. Keys are `namespace/name`. */
export interface World {
  ingresses: ReadonlyMap<string, Ingress>
  classes: ReadonlyMap<string, IngressClass>
  services: ReadonlyMap<string, Service>
  slices: ReadonlyMap<string, EndpointSlice>
  secrets: ReadonlyMap<string, Secret>
}

/** Which Ingresses are the controller's: its arguments. */
export interface ClassOptions {
  /** `--ingress-class`, for the annotation. */
  ingressClass: string
  /** `--controller-class`. */
  controllerClass: string
  /** `--watch-ingress-without-class`. */
  withoutClass: boolean
}

/** The Ingresses that this controller serves, oldest first. */
export function ownIngresses(world: World, options: ClassOptions): Ingress[] {
  const mine = (ingress: Ingress): boolean => {
    const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION]
    if (annotation) return annotation === options.ingressClass
    const name = ingress.spec?.ingressClassName
    if (!name) return options.withoutClass
    return world.classes.get(`/${name}`)?.spec?.controller === options.controllerClass
  }
  const age = (i: Ingress): string => `${i.metadata.creationTimestamp} ${i.metadata.namespace}/${i.metadata.name}`
  return [...world.ingresses.values()].filter(mine).sort((a, b) => (age(a) < age(b) ? -1 : 1))
}

interface Draft {
  host: string
  locations: Location[]
  tls: boolean
  certificate: Server['certificate']
  fallback: { backend: Backend; settings: Settings; ingress: string } | undefined
  regex: boolean
}

/** Makes the servers; the first is the default server. */
export function buildServers(ingresses: readonly Ingress[], world: World): Server[] {
  const backends = new BackendTable(world)
  const drafts = new Map<string, Draft>()
  const draft = (host: string): Draft => {
    let found = drafts.get(host)
    if (!found) drafts.set(host, (found = { host, locations: [], tls: false, certificate: undefined, fallback: undefined, regex: false }))
    return found
  }
  draft('_')
  const canaries: { ingress: Ingress; settings: Settings }[] = []
  for (const ingress of ingresses) {
    const namespace = ingress.metadata.namespace!
    const settings = readAnnotations(ingress.metadata.annotations, namespace)
    if (settings.canary) {
      canaries.push({ ingress, settings })
      continue
    }
    const key = `${namespace}/${ingress.metadata.name}`
    const fallback = ingress.spec?.defaultBackend && {
      backend: backends.of(namespace, ingress.spec.defaultBackend),
      settings,
      ingress: key,
    }
    const rules = ingress.spec?.rules ?? []
    if (rules.length === 0 && fallback) draft('_').fallback ??= fallback
    for (const rule of rules) {
      if (!rule) continue
      const server = draft(rule.host || '_')
      if (fallback) server.fallback ??= fallback
      if (settings.rewriteTarget !== undefined || settings.useRegex) server.regex = true
      for (const path of rule.http?.paths ?? []) {
        if (!path?.backend) continue
        const text = path.path || '/'
        const kind = path.pathType === 'Exact' ? 'exact' : 'prefix'
        // The same path of a younger Ingress is left out.
        if (server.locations.some((l) => l.path === text && l.kind === kind)) continue
        const backend = backends.of(namespace, path.backend)
        const location: Location = { path: text, kind, pattern: undefined, backend, canary: undefined, settings, ingress: key }
        server.locations.push(location)
        // A Prefix goes by elements of the path; what is ImplementationSpecific, by characters.
        if (path.pathType === 'Prefix') elementPrefixes.add(location)
      }
      if (ingress.spec?.tls?.length && !server.tls) {
        server.tls = true
        server.certificate = certificateFor(server.host, ingress, world)
      }
      for (const alias of settings.serverAlias) if (!drafts.has(alias)) drafts.set(alias, { ...server, host: alias })
    }
  }
  for (const { ingress, settings } of canaries) attachCanary(ingress, settings, drafts, backends)
  return [...drafts.values()].map(finish)
}

/** Locations that came from `pathType: Prefix`. */
const elementPrefixes = new WeakSet<Location>()

function attachCanary(ingress: Ingress, settings: Settings, drafts: ReadonlyMap<string, Draft>, backends: BackendTable): void {
  for (const rule of ingress.spec?.rules ?? [])
    for (const path of rule?.http?.paths ?? []) {
      const location = drafts.get(rule?.host || '_')?.locations.find((l) => l.path === (path?.path || '/'))
      if (location && path?.backend)
        location.canary ??= { backend: backends.of(ingress.metadata.namespace!, path.backend), settings: settings.canary! }
    }
}

/** Puts the locations of a server into the order and form in which nginx tries them. */
function finish({ host, locations, tls, certificate, fallback, regex }: Draft): Server {
  const list: Location[] = []
  const exact = new Set(locations.filter((l) => l.kind === 'exact').map((l) => l.path))
  for (const location of locations) {
    if (regex) list.push({ ...location, kind: 'regex', pattern: regexOf(location.path) })
    else if (location.kind === 'prefix' && location.path !== '/' && elementPrefixes.has(location)) {
      const path = location.path.replace(/\/*$/, '')
      if (!exact.has(path)) list.push({ ...location, path, kind: 'exact' })
      list.push({ ...location, path: `${path}/` })
    } else list.push(location)
  }
  if (fallback && !locations.some((l) => l.path === '/'))
    list.push({ path: '/', kind: regex ? 'regex' : 'prefix', pattern: regex ? regexOf('/') : undefined, canary: undefined, ...fallback })
  list.sort((a, b) => b.path.length - a.path.length || (a.path > b.path ? -1 : 1))
  return { host, locations: list, tls, certificate }
}

/** `~* "^/path"` of nginx. An expression that is none matches nothing. */
function regexOf(path: string): RegExp {
  try {
    return boundedRegExp(`^${path}`, 'i')
  } catch {
    return /(?!)/
  }
}

/** The certificate of a host from the Secret that the Ingress names for it; undefined for the default one. */
function certificateFor(host: string, ingress: Ingress, world: World): Server['certificate'] {
  const tls = ingress.spec?.tls ?? []
  const named = tls.find((t) => t?.hosts?.some((h) => h && hostMatches(h, host)))
  const candidates = named ? [named] : tls.filter((t) => !t?.hosts?.length)
  for (const entry of candidates) {
    const secret = entry?.secretName ? world.secrets.get(`${ingress.metadata.namespace}/${entry.secretName}`) : undefined
    const decode = (name: string): string | undefined => {
      const value = secret?.data?.[name]
      return value ? Buffer.from(value, 'base64').toString() : undefined
    }
    const cert = decode('tls.crt')
    const key = decode('tls.key')
    if (cert && key && isValidFor(cert, host)) return { cert, key }
  }
  return undefined
}

function isValidFor(cert: string, host: string): boolean {
  try {
    return host === '_' || new X509Certificate(cert).checkHost(host.replace(/^\*/, 'any')) !== undefined
  } catch {
    return false
  }
}

/** Whether a host is the one of a rule, or within its wildcard, which stands for one label. */
export function hostMatches(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern.toLowerCase() === host.toLowerCase()
  const dot = host.indexOf('.')
  return pattern === host || (dot > 0 && host.slice(dot).toLowerCase() === pattern.slice(1).toLowerCase())
}

type IngressBackend = NonNullable<NonNullable<Ingress['spec']>['defaultBackend']>

/** Finds the endpoints behind backends, once each. */
class BackendTable {
  private readonly known = new Map<string, Backend>()
  private readonly slicesOf = new Map<string, EndpointSlice[]>()

  constructor(private readonly world: World) {
    for (const slice of world.slices.values()) {
      const service = slice.metadata.labels?.[SERVICE_NAME]
      if (!service) continue
      const key = `${slice.metadata.namespace}/${service}`
      const list = this.slicesOf.get(key)
      if (list) list.push(slice)
      else this.slicesOf.set(key, [slice])
    }
  }

  of(namespace: string, { service }: IngressBackend): Backend {
    const port = service?.port?.name || service?.port?.number || 0
    const name = `${namespace}-${service?.name ?? ''}-${port}`
    let backend = this.known.get(name)
    if (!backend) this.known.set(name, (backend = { name, endpoints: this.endpoints(`${namespace}/${service?.name}`, port) }))
    return backend
  }

  private endpoints(key: string, port: string | number): Endpoint[] {
    const spec = this.world.services.get(key)?.spec
    if (!spec) return []
    if (spec.type === 'ExternalName') return [{ host: spec.externalName ?? '', port: typeof port === 'number' ? port : 80 }]
    const found = (spec.ports ?? []).find((p) => p.port === port || p.name === port || String(p.targetPort) === String(port))
    if (!found) return []
    return (this.slicesOf.get(key) ?? []).flatMap((slice) => {
      const target = slice.ports?.find((p) => (p.name ?? '') === (found.name ?? ''))?.port
      if (target === undefined || slice.addressType !== 'IPv4') return []
      return (slice.endpoints ?? []).flatMap((e) =>
        e.conditions?.ready === false || !e.addresses[0] ? [] : [{ host: e.addresses[0], port: target }],
      )
    })
  }
}
