/** Everything that is not a resource: discovery, OpenAPI, health, version, metrics. */
import { createHash } from 'node:crypto'
import { jsonText } from '../../../exact-json.js'
import { openApiV2, openApiV2Protobuf, OPENAPI_V2_PROTOBUF } from '../openapi/v2.js'
import { encodeDocumentV3 } from '../openapi/protobuf-v3.js'
import { openApiV3Document, openApiV3Index } from '../openapi/v3.js'
import type { Clock } from '../../clock.js'
import { EXPOSITION } from '../exposition.js'
import type { RunningRequests } from '../flowcontrol/running.js'
import type { KindSet } from '../kindset.js'
import { aggregated, coreVersions, groupDocument, groupList, resourceList } from './discovery.js'
import type { Exchange } from './exchange.js'
import { checkProduced } from './negotiate.js'
import { HealthMetrics } from './healthmetrics.js'
import { HEALTH_CHECKS } from './healthchecks.js'
import { answerNowhere, noSuchMethod, noSuchResource } from './routes.js'
import { VERSION } from './version.js'
import { flagz, statusz, zPageForm, type ComponentStatus } from './zpages.js'

/** The signing keys of service-account tokens, `/openid/v1/jwks`; undefined when there are none. */
export interface SigningKeys {
  readonly issuer: string
  /** `host:port` by which pods reach the server; as clients reach it when left out. */
  readonly address?: string | undefined
  readonly jwks: () => object
}

/** What the paths need to know of the server. */
export interface PathsBackend {
  readonly kinds: KindSet
  readonly clock: Clock
  /** `host:port` as clients reach it. */
  readonly address: () => string
  /** False while the server starts or stops. */
  readonly ready: () => boolean
  readonly metrics: () => string
  /** What is worked on. */
  readonly running: RunningRequests
  readonly keys: SigningKeys | undefined
  /** What /flagz tells. */
  readonly flags: Readonly<Record<string, string>>
}

const COMPONENT = 'kube-apiserver'
/** Paths of the API itself, which /statusz leaves out. */
const NOT_FOR_DEBUGGING = new Set(['/api', '/apis', '/openapi', '/openid', '/.well-known'])

const AGGREGATED = /application\/json;\s*(?=[^,]*g=apidiscovery\.k8s\.io)(?=[^,]*v=v2(?:[;,\s]|$))(?=[^,]*as=APIGroupDiscoveryList)/
/** Whether an Accept header takes an OpenAPI document: as JSON, or as protobuf under one of its names. */
const OPENAPI_TYPES =
  /(?:^|[\s,])(?:\*\/\*|application\/(?:\*|json|com\.github\.proto-openapi\.spec\.v[23][.@]v1\.0\+protobuf))(?:$|[\s,;])/i
/** The protobuf of OpenAPI v3; the second is how it was first called, which no answer carries. */
const OPENAPI_V3_PROTOBUF = [
  'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
] as const
const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

const YEAR = 365 * 24 * 3600 * 1000

/** A document and what its contents are known by. */
interface Tagged {
  readonly bytes: Buffer
  readonly tag: string
}

const tagged = (bytes: Buffer): Tagged => ({ bytes, tag: createHash('sha512').update(bytes).digest('hex').toUpperCase() })

/** Documents made of the kinds, kept until these change. */
class Documents {
  private generation = -1
  private readonly made = new Map<string, unknown>()

  constructor(private readonly kinds: KindSet) {}

  get<T>(key: string, make: () => T): T {
    if (this.generation !== this.kinds.generation) {
      this.made.clear()
      this.generation = this.kinds.generation
    }
    if (!this.made.has(key)) this.made.set(key, make())
    return this.made.get(key) as T
  }
}

/** Answers a path that is no resource. Rejects with what is to be answered instead. */
export class Paths {
  private readonly documents: Documents
  private readonly healthMetrics = new HealthMetrics()
  /** When the server came up, cluster ms. */
  private readonly started: number

  constructor(private readonly backend: PathsBackend) {
    this.documents = new Documents(backend.kinds)
    this.started = backend.clock.now()
  }

  async serve(exchange: Exchange): Promise<void> {
    const { path } = exchange.info
    const { kinds } = this.backend
    // What the router of the API answers takes a slash at its end, and GET only.
    const routed = /^\/(?:api|apis|version)(?=\/|$)/.test(path) ? path.replace(/\/+$/, '').slice(1).split('/') : []
    const [root, group = '', version] = routed
    if (root && exchange.method !== 'GET') throw noSuchMethod()
    if (root === 'version' && routed.length === 1) {
      checkProduced(exchange.header('accept'), ['application/json'])
      return exchange.indented(200, VERSION)
    }
    if (root === 'api' || root === 'apis') {
      checkProduced(exchange.header('accept'))
      if (routed.length === 1) return this.roots(exchange, `/${root}`)
    }
    if (root === 'api') {
      if (routed.length === 2 && kinds.versions('').includes(group)) return this.json(exchange, resourceList(kinds, '', group))
      throw noSuchResource()
    }
    if (root === 'apis') {
      const document = groupDocument(kinds, group)
      if (!document) return answerNowhere(exchange)
      if (version === undefined) return this.json(exchange, { kind: 'APIGroup', apiVersion: 'v1', ...document })
      if (routed.length === 3 && kinds.versions(group).includes(version)) return this.json(exchange, resourceList(kinds, group, version))
      throw noSuchResource()
    }
    if (path === '/' || path === '/index.html') return exchange.indented(200, { paths: this.allPaths() })
    if (path === '/metrics') return exchange.text(200, this.backend.metrics(), EXPOSITION)
    if (path === '/metrics/slis') return exchange.text(200, this.healthMetrics.text(), EXPOSITION)
    if (path === '/statusz' || path === '/flagz') return this.zPage(exchange, path)
    if (path.startsWith('/openapi/')) return this.openApi(exchange, path.split('/').slice(1))
    const check = /^\/(healthz|livez|readyz)(\/.+)?$/.exec(path)
    if (check) return this.health(exchange, `/${check[1]}`, check[2]?.slice(1))
    const { keys } = this.backend
    if (keys && path === '/openid/v1/jwks') return this.issuer(exchange, keys.jwks(), 'application/jwk-set+json')
    if (keys && path === '/.well-known/openid-configuration') {
      const { issuer, address = this.backend.address() } = keys
      const document = {
        issuer,
        jwks_uri: `https://${address}/openid/v1/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      }
      return this.issuer(exchange, document, 'application/json')
    }
    const dump = this.backend.running.page(path, exchange.info.query)
    if (dump !== undefined) return exchange.text(200, dump)
    return answerNowhere(exchange)
  }

  private json(exchange: Exchange, body: object): Promise<void> {
    return exchange.object(200, body, undefined, exchange.form(false))
  }

  private zPage(exchange: Exchange, path: '/statusz' | '/flagz'): Promise<void> | void {
    const form = zPageForm(exchange.header('accept'), path === '/statusz' ? 'Statusz' : 'Flagz')
    if (!form) return exchange.text(406, 'unsupported media type\n')
    const { clock, flags } = this.backend
    const page = path === '/flagz' ? flagz(COMPONENT, flags) : statusz(this.status(clock.now()))
    if (form === 'text') return exchange.text(200, page.text)
    return exchange.object(200, page.object(form.version), undefined, { mediaType: form.mediaType, as: undefined, metaVersion: '' })
  }

  private status(now: number): ComponentStatus {
    const roots = new Set(this.allPaths().map((p) => `/${p.split('/')[1]}`))
    const paths = [...roots].filter((p) => !NOT_FOR_DEBUGGING.has(p)).sort()
    return { component: COMPONENT, started: this.started, now, paths }
  }

  /** What those who check tokens of this cluster read; it may be kept for an hour. */
  private issuer(exchange: Exchange, body: object, contentType: string): Promise<void> {
    if (exchange.method !== 'GET') throw noSuchMethod()
    return exchange.bytes(200, Buffer.from(JSON.stringify(body)), contentType, { 'cache-control': 'public, max-age=3600' })
  }

  private roots(exchange: Exchange, path: string): Promise<void> {
    const { kinds } = this.backend
    const accept = exchange.header('accept') ?? ''
    exchange.response.setHeader('vary', 'Accept')
    if (AGGREGATED.test(accept)) {
      const document = this.documents.get(`aggregated${path}`, () =>
        tagged(Buffer.from(`${JSON.stringify(aggregated(kinds, path === '/api'))}\n`)),
      )
      return this.unlessKnown(exchange, document, AGGREGATED_TYPE)
    }
    return this.json(exchange, path === '/api' ? coreVersions(kinds, this.backend.address()) : groupList(kinds))
  }

  private openApi(exchange: Exchange, parts: readonly string[]): Promise<void> {
    const kinds = this.backend.kinds.all()
    const accept = exchange.header('accept') ?? ''
    if (accept && !OPENAPI_TYPES.test(accept)) {
      exchange.head(406, '', { 'content-length': '0' })
      exchange.end()
      return Promise.resolve()
    }
    if (parts[1] === 'v2' && parts.length === 2) {
      // kubectl may read this document as protobuf and asks for it under an older name, which is no valid media type: the
      // answer never carries that one.
      const wanted = [OPENAPI_V2_PROTOBUF, 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'].some((t) => accept.includes(t))
      if (wanted)
        return this.unlessKnown(
          exchange,
          this.documents.get('v2proto', () => tagged(openApiV2Protobuf(kinds))),
          OPENAPI_V2_PROTOBUF,
        )
      return this.unlessKnown(
        exchange,
        this.documents.get('v2', () => tagged(Buffer.from(jsonText(openApiV2(kinds))))),
        'application/json',
      )
    }
    const index = this.documents.get('v3', () => openApiV3Index(kinds))
    if (parts[1] === 'v3' && parts.length === 2) return exchange.bytes(200, Buffer.from(jsonText(index)), 'application/json')
    const name = parts.slice(2).join('/')
    if (parts[1] === 'v3' && Object.hasOwn(index.paths, name)) {
      const binary = OPENAPI_V3_PROTOBUF.some((t) => accept.includes(t))
      const body = this.documents.get(`v3/${name}${binary ? ' proto' : ''}`, () => {
        const { document, hash } = openApiV3Document(kinds, name)!
        return { bytes: binary ? encodeDocumentV3(document) : Buffer.from(jsonText(document)), tag: hash }
      })
      const asked = exchange.info.query.get('hash')
      if (asked && asked !== body.tag) {
        exchange.head(301, '', { location: `${exchange.info.path}?hash=${body.tag}`, 'content-length': '0' })
        exchange.end()
        return Promise.resolve()
      }
      // What is asked for by the hash of its contents is the same for ever: clients keep it for a year.
      const expires = new Date(this.backend.clock.now() + YEAR).toUTCString()
      const type = binary ? OPENAPI_V3_PROTOBUF[0] : 'application/json'
      return this.unlessKnown(exchange, body, type, asked ? { 'cache-control': 'public, immutable', expires } : {})
    }
    return Promise.resolve(answerNowhere(exchange))
  }

  /** Answers a document, or 304 to a client that has it already. */
  private unlessKnown(exchange: Exchange, { bytes, tag }: Tagged, type: string, headers: Record<string, string> = {}): Promise<void> {
    const etag = `"${tag}"`
    const answer = { etag, vary: 'Accept', ...headers }
    const known = (exchange.header('if-none-match') ?? '').split(',').map((t) => t.trim().replace(/^W\//, ''))
    if (!known.includes(etag) && !known.includes('*')) return exchange.bytes(200, bytes, type, answer)
    exchange.head(304, '', answer)
    exchange.end()
    return Promise.resolve()
  }

  private health(exchange: Exchange, root: string, one: string | undefined): void {
    const checks = HEALTH_CHECKS[root]!
    const ready = root !== '/readyz' || this.backend.ready()
    if (one !== undefined) {
      if (!checks.includes(one)) return answerNowhere(exchange)
      return exchange.text(200, 'ok')
    }
    const { query } = exchange.info
    const excluded = new Set(query.getAll('exclude'))
    const name = root.slice(1)
    const lines = checks.map((c) => {
      if (excluded.has(c)) return `[+]${c} excluded: ok`
      const healthy = c !== 'shutdown' || ready
      this.healthMetrics.note(name, c, healthy)
      return healthy ? `[+]${c} ok` : `[-]${c} failed: reason withheld`
    })
    const unmatched = [...excluded].filter((c) => !checks.includes(c)).sort()
    if (unmatched.length > 0) {
      const quoted = unmatched.map((c) => JSON.stringify(c)).join(',')
      lines.push(`warn: some health checks cannot be excluded: no matches for ${quoted}`)
    }
    if (!ready) return exchange.text(500, `${lines.join('\n')}\n${name} check failed\n`)
    if (!query.has('verbose')) return exchange.text(200, 'ok')
    return exchange.text(200, `${lines.join('\n')}\n${name} check passed\n`)
  }

  private allPaths(): string[] {
    const { kinds } = this.backend
    const paths = [
      '/.well-known/openid-configuration',
      '/api',
      '/apis',
      '/apis/',
      '/flagz',
      '/healthz',
      '/livez',
      '/metrics',
      '/metrics/slis',
      '/openapi/v2',
      '/openapi/v3',
      '/openapi/v3/',
      '/openid/v1/jwks',
    ]
    paths.push('/readyz', '/statusz', '/version')
    for (const { name, versions } of kinds.groups()) {
      if (name) paths.push(`/apis/${name}`)
      for (const v of versions) paths.push(name ? `/apis/${name}/${v}` : `/api/${v}`)
    }
    for (const [root, checks] of Object.entries(HEALTH_CHECKS)) for (const c of checks) paths.push(`${root}/${c}`)
    return paths.sort()
  }
}
