/** The annotations of an Ingress that the controller follows, read once: `nginx.ingress.kubernetes.io/…`. */

const PREFIX = 'nginx.ingress.kubernetes.io/'

/** What the annotations of one Ingress ask for. Times are cluster ms. */
export interface Settings {
  rewriteTarget: string | undefined
  useRegex: boolean
  sslRedirect: boolean
  forceSslRedirect: boolean
  appRoot: string | undefined
  redirect: { url: string; code: number } | undefined
  /** CIDRs; everybody when undefined. */
  allowed: readonly string[] | undefined
  denied: readonly string[]
  auth: { secret: string; realm: string; map: boolean } | undefined
  cors: CorsSettings | undefined
  upstreamVhost: string | undefined
  forwardedPrefix: string | undefined
  serverAlias: readonly string[]
  /** Bytes; 0 for no limit. */
  bodySize: number
  connectTimeout: number
  readTimeout: number
  secureBackend: boolean
  /** The name of the cookie that keeps a client with one endpoint. */
  affinityCookie: { name: string; path: string | undefined; maxAge: number | undefined } | undefined
  canary: CanarySettings | undefined
}

export interface CorsSettings {
  origins: readonly string[]
  methods: string
  headers: string
  credentials: boolean
  maxAge: string
}

export interface CanarySettings {
  header: string | undefined
  headerValue: string | undefined
  cookie: string | undefined
  weight: number
  weightTotal: number
}

/** `1m` and the like of nginx, in bytes. */
export function nginxSize(text: string): number | undefined {
  const match = /^(\d+)([kmg]?)$/i.exec(text.trim())
  if (!match) return undefined
  return Number(match[1]) * { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[match[2]!.toLowerCase()]!
}

/** Reads the annotations of an Ingress. What is no valid value is left at its default, as the controller does. */
export function readAnnotations(annotations: Readonly<Record<string, string | null>> | null | undefined, namespace: string): Settings {
  const get = (name: string): string | undefined => annotations?.[PREFIX + name] ?? undefined
  const flag = (name: string, byDefault = false): boolean => {
    const value = get(name)
    return value === undefined ? byDefault : /^(1|t|true)$/i.test(value) || (!/^(0|f|false)$/i.test(value) && byDefault)
  }
  const number = (name: string, byDefault: number): number => {
    const value = get(name)
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : byDefault
  }
  const list = (name: string): string[] =>
    (get(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean)
  const allowed = [...list('allowlist-source-range'), ...list('whitelist-source-range')]
  const code = (name: string, byDefault: number): number => {
    const value = number(name, byDefault)
    return value >= 300 && value <= 308 ? value : byDefault
  }
  const permanent = get('permanent-redirect')
  const temporal = get('temporal-redirect')
  const authSecret = get('auth-secret')
  return {
    rewriteTarget: get('rewrite-target') || undefined,
    useRegex: flag('use-regex'),
    sslRedirect: flag('ssl-redirect', true),
    forceSslRedirect: flag('force-ssl-redirect'),
    appRoot: get('app-root'),
    // The temporal one wins, as in the controller.
    redirect: temporal
      ? { url: temporal, code: code('temporal-redirect-code', 302) }
      : permanent
        ? { url: permanent, code: code('permanent-redirect-code', 301) }
        : undefined,
    allowed: allowed.length > 0 ? allowed : undefined,
    denied: list('denylist-source-range'),
    auth:
      get('auth-type') === 'basic' && authSecret
        ? {
            secret: authSecret.includes('/') ? authSecret : `${namespace}/${authSecret}`,
            realm: get('auth-realm') ?? '',
            map: get('auth-secret-type') === 'auth-map',
          }
        : undefined,
    cors: flag('enable-cors')
      ? {
          origins: list('cors-allow-origin').length > 0 ? list('cors-allow-origin') : ['*'],
          methods: get('cors-allow-methods') ?? 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
          headers:
            get('cors-allow-headers') ??
            'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
          credentials: flag('cors-allow-credentials', true),
          maxAge: get('cors-max-age') ?? '1728000',
        }
      : undefined,
    upstreamVhost: get('upstream-vhost'),
    forwardedPrefix: get('x-forwarded-prefix'),
    serverAlias: list('server-alias'),
    bodySize: nginxSize(get('proxy-body-size') ?? '') ?? 1024 ** 2,
    connectTimeout: number('proxy-connect-timeout', 5) * 1000,
    readTimeout: number('proxy-read-timeout', 60) * 1000,
    secureBackend: /^(https|grpcs)$/i.test(get('backend-protocol') ?? ''),
    affinityCookie:
      get('affinity') === 'cookie'
        ? {
            name: get('session-cookie-name') ?? 'INGRESSCOOKIE',
            path: get('session-cookie-path'),
            maxAge: get('session-cookie-max-age') === undefined ? undefined : number('session-cookie-max-age', 0),
          }
        : undefined,
    canary: flag('canary')
      ? {
          header: get('canary-by-header'),
          headerValue: get('canary-by-header-value'),
          cookie: get('canary-by-cookie'),
          weight: number('canary-weight', 0),
          weightTotal: number('canary-weight-total', 100),
        }
      : undefined,
  }
}
