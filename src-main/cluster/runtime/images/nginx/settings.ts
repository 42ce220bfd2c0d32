/** Settings that blocks inherit: what `http`, `server` and `location` take over from what is around them. */
import type { CacheValid } from './cache.js'
import type { ConnectionLimit, RequestLimit } from './limits.js'

/** Lists: a block's own replace the inherited ones as a whole. */
export interface Lists {
  errorPages: readonly { codes: readonly number[]; answer: number | 'target' | undefined; uri: string }[]
  accessLogs: readonly { path: string; format: string; condition: string | undefined }[]
  addHeaders: readonly { name: string; value: string; always: boolean }[]
  addTrailers: readonly { name: string; value: string; always: boolean }[]
  proxySetHeaders: readonly { name: string; value: string }[]
  /** Names in lower case. */
  proxyHide: readonly string[]
  proxyPassHeaders: readonly string[]
  proxyRedirects: readonly (readonly [from: string, to: string] | 'default' | 'off')[]
  cookiePaths: readonly (readonly [from: string, to: string])[]
  cookieDomains: readonly (readonly [from: string, to: string])[]
  cacheValid: readonly CacheValid[]
  access: readonly { allow: boolean; who: string }[]
  limits: readonly RequestLimit[]
  connectionLimits: readonly ConnectionLimit[]
  authSets: readonly { name: string; value: string }[]
  subFilters: readonly { from: string; to: string }[]
  realIpFrom: readonly string[]
}

/** Settings that an inner block takes over from the outer ones unless it has its own. */
export interface Settings extends Lists {
  root: string
  index: readonly string[]
  autoindex: boolean
  autoindexFormat: 'html' | 'xml' | 'json' | 'jsonp'
  autoindexExactSize: boolean
  errorLog: { path: string; level: string } | undefined
  defaultType: string
  types: ReadonlyMap<string, string>
  charset: string
  charsetTypes: readonly string[]
  serverTokens: string
  proxyHttpVersion: string
  /** Milliseconds. */
  proxyConnectTimeout: number
  proxyReadTimeout: number
  proxyInterceptErrors: boolean
  proxyMethod: string
  proxyBody: string | undefined
  proxyPassBody: boolean
  proxyPassRequestHeaders: boolean
  /** What lets another server be asked: `error`, `timeout`, `http_502` … */
  nextUpstream: readonly string[]
  nextUpstreamTries: number
  proxyIgnored: readonly string[]
  proxySslVerify: boolean
  proxySslServerName: boolean
  proxySslName: string | undefined
  proxySslTrusted: string | undefined
  /** The zone of proxy_cache, or `off`. */
  cache: string
  cacheKey: string
  cacheBypass: readonly string[]
  noCache: readonly string[]
  cacheUseStale: readonly string[]
  cacheMethods: readonly string[]
  cacheMinUses: number
  /** The realm of auth_basic, and the file with its users. */
  authBasic: string | undefined
  authUsers: string | undefined
  /** The path that auth_request asks, or `off`. */
  authRequest: string
  mirrors: readonly string[]
  addBefore: string
  addAfter: string
  /** `satisfy any`: an address that is allowed needs no password, and the other way round. */
  satisfyAny: boolean
  limitStatus: number
  connectionLimitStatus: number
  /** Bytes in a second, 0 for as fast as it goes, after so many bytes. */
  limitRate: string
  limitRateAfter: number
  /** The time of `expires` as it is written. */
  expires: string | undefined
  /** Bytes; 0 for no limit. */
  maxBody: number
  /** Milliseconds. */
  keepAlive: number
  absoluteRedirect: boolean
  portInRedirect: boolean
  serverNameInRedirect: boolean
  recursiveErrorPages: boolean
  logNotFound: boolean
  mergeSlashes: boolean
  etag: boolean
  ifModifiedSince: string
  maxRanges: number
  subOnce: boolean
  subTypes: readonly string[]
  realIpHeader: string
  realIpRecursive: boolean
  /** Whether names of servers in variables can be looked up. */
  resolver: boolean
  /** Paths of the PEM files. */
  certificate: string | undefined
  certificateKey: string | undefined
  clientCertificate: string | undefined
  verifyClient: string
  gzip: boolean
  gzipTypes: readonly string[]
  gzipMinLength: number
  gzipVary: boolean
  gzipStatic: string
  gzipProxied: readonly string[]
  gzipHttpVersion: string
  gzipLevel: number
  gunzip: boolean
}

export const DEFAULTS: Settings = {
  root: '/etc/nginx/html',
  index: ['index.html'],
  autoindex: false,
  autoindexFormat: 'html',
  autoindexExactSize: true,
  errorPages: [],
  accessLogs: [{ path: '/var/log/nginx/access.log', format: 'combined', condition: undefined }],
  errorLog: undefined,
  defaultType: 'text/plain',
  types: new Map([
    ['html', 'text/html'],
    ['gif', 'image/gif'],
    ['jpg', 'image/jpeg'],
  ]),
  charset: 'off',
  charsetTypes: ['text/html', 'text/xml', 'text/plain', 'text/vnd.wap.wml', 'application/javascript', 'application/rss+xml'],
  serverTokens: 'on',
  addHeaders: [],
  addTrailers: [],
  proxySetHeaders: [],
  proxyHide: [],
  proxyPassHeaders: [],
  proxyRedirects: ['default'],
  cookiePaths: [],
  cookieDomains: [],
  proxyHttpVersion: '1.0',
  proxyConnectTimeout: 60_000,
  proxyReadTimeout: 60_000,
  proxyInterceptErrors: false,
  proxyMethod: '',
  proxyBody: undefined,
  proxyPassBody: true,
  proxyPassRequestHeaders: true,
  nextUpstream: ['error', 'timeout'],
  nextUpstreamTries: 0,
  proxyIgnored: [],
  proxySslVerify: false,
  proxySslServerName: false,
  proxySslName: undefined,
  proxySslTrusted: undefined,
  cache: 'off',
  cacheKey: '$scheme$proxy_host$request_uri',
  cacheValid: [],
  cacheBypass: [],
  noCache: [],
  cacheUseStale: [],
  cacheMethods: ['GET', 'HEAD'],
  cacheMinUses: 1,
  access: [],
  authBasic: undefined,
  authUsers: undefined,
  authRequest: 'off',
  authSets: [],
  mirrors: [],
  addBefore: '',
  addAfter: '',
  satisfyAny: false,
  limits: [],
  limitStatus: 503,
  connectionLimits: [],
  connectionLimitStatus: 503,
  limitRate: '0',
  limitRateAfter: 0,
  expires: undefined,
  maxBody: 1024 * 1024,
  keepAlive: 75_000,
  absoluteRedirect: true,
  portInRedirect: true,
  serverNameInRedirect: false,
  recursiveErrorPages: false,
  logNotFound: true,
  mergeSlashes: true,
  etag: true,
  ifModifiedSince: 'exact',
  maxRanges: Infinity,
  subFilters: [],
  subOnce: true,
  subTypes: ['text/html'],
  realIpFrom: [],
  realIpHeader: 'X-Real-IP',
  realIpRecursive: false,
  resolver: false,
  certificate: undefined,
  certificateKey: undefined,
  clientCertificate: undefined,
  verifyClient: 'off',
  gzip: false,
  gzipTypes: ['text/html'],
  gzipMinLength: 20,
  gzipVary: false,
  gzipStatic: 'off',
  gzipProxied: ['off'],
  gzipHttpVersion: '1.1',
  gzipLevel: 1,
  gunzip: false,
}
