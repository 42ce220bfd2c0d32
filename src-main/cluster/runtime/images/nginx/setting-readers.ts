/** How directives become settings. */
import { readCacheValid } from './cache.js'
import { ConfigError, type Directive } from './conf.js'
import { connectionLimitOf, limitOf } from './limits.js'
import type { Lists, Settings } from './settings.js'
import { bytes, milliseconds } from './units.js'

/** The settings whose values are of one kind, by the name of their directive. */
type Named<T> = Readonly<Record<string, { [K in keyof Settings]: T extends Settings[K] ? K : never }[keyof Settings]>>

const FLAGS: Named<boolean> = {
  autoindex: 'autoindex',
  autoindex_exact_size: 'autoindexExactSize',
  absolute_redirect: 'absoluteRedirect',
  port_in_redirect: 'portInRedirect',
  server_name_in_redirect: 'serverNameInRedirect',
  recursive_error_pages: 'recursiveErrorPages',
  log_not_found: 'logNotFound',
  merge_slashes: 'mergeSlashes',
  etag: 'etag',
  gzip: 'gzip',
  gzip_vary: 'gzipVary',
  gunzip: 'gunzip',
  proxy_intercept_errors: 'proxyInterceptErrors',
  proxy_pass_request_body: 'proxyPassBody',
  proxy_pass_request_headers: 'proxyPassRequestHeaders',
  proxy_ssl_verify: 'proxySslVerify',
  proxy_ssl_server_name: 'proxySslServerName',
  real_ip_recursive: 'realIpRecursive',
  sub_filter_once: 'subOnce',
}

const TEXTS: Named<string> = {
  default_type: 'defaultType',
  charset: 'charset',
  server_tokens: 'serverTokens',
  proxy_http_version: 'proxyHttpVersion',
  proxy_method: 'proxyMethod',
  proxy_set_body: 'proxyBody',
  proxy_ssl_name: 'proxySslName',
  proxy_cache: 'cache',
  proxy_cache_key: 'cacheKey',
  auth_basic: 'authBasic',
  auth_request: 'authRequest',
  add_before_body: 'addBefore',
  add_after_body: 'addAfter',
  limit_rate: 'limitRate',
  expires: 'expires',
  if_modified_since: 'ifModifiedSince',
  real_ip_header: 'realIpHeader',
  gzip_static: 'gzipStatic',
  gzip_http_version: 'gzipHttpVersion',
  ssl_verify_client: 'verifyClient',
}

const FILES: Named<string> = {
  root: 'root',
  ssl_certificate: 'certificate',
  ssl_certificate_key: 'certificateKey',
  ssl_client_certificate: 'clientCertificate',
  auth_basic_user_file: 'authUsers',
  proxy_ssl_trusted_certificate: 'proxySslTrusted',
}

const TIMES: Named<number> = {
  keepalive_timeout: 'keepAlive',
  proxy_connect_timeout: 'proxyConnectTimeout',
  proxy_read_timeout: 'proxyReadTimeout',
}

const SIZES: Named<number> = {
  client_max_body_size: 'maxBody',
  gzip_min_length: 'gzipMinLength',
  limit_rate_after: 'limitRateAfter',
}

const NUMBERS: Named<number> = {
  limit_req_status: 'limitStatus',
  limit_conn_status: 'connectionLimitStatus',
  proxy_next_upstream_tries: 'nextUpstreamTries',
  proxy_cache_min_uses: 'cacheMinUses',
  max_ranges: 'maxRanges',
  gzip_comp_level: 'gzipLevel',
}

const WORDS: Named<readonly string[]> = {
  index: 'index',
  proxy_next_upstream: 'nextUpstream',
  proxy_cache_bypass: 'cacheBypass',
  proxy_no_cache: 'noCache',
  proxy_cache_use_stale: 'cacheUseStale',
  gzip_proxied: 'gzipProxied',
}

/** Directives of which each adds an item to a list. */
const ITEMS: { readonly [K in keyof Lists]: Readonly<Record<string, (d: Directive) => Lists[K][number] | readonly Lists[K][number][]>> } = {
  errorPages: { error_page: errorPageOf },
  accessLogs: {
    access_log: ({ args: [path = '', format = '', ...rest] }) => ({
      path: absolute(path),
      format: format && !format.includes('=') ? format : 'combined',
      condition: [format, ...rest].find((each) => each.startsWith('if='))?.slice(3),
    }),
  },
  addHeaders: { add_header: headerOf },
  addTrailers: { add_trailer: headerOf },
  proxySetHeaders: { proxy_set_header: ({ args: [name = '', value = ''] }) => ({ name, value }) },
  proxyHide: { proxy_hide_header: ({ args }) => args[0]!.toLowerCase() },
  proxyPassHeaders: { proxy_pass_header: ({ args }) => args[0]!.toLowerCase() },
  proxyRedirects: {
    proxy_redirect: ({ args: [from = '', to] }) => (to === undefined ? (from === 'off' ? 'off' : 'default') : [from, to]),
  },
  cookiePaths: { proxy_cookie_path: ({ args: [from = '', to = ''] }) => [[from, to]] },
  cookieDomains: { proxy_cookie_domain: ({ args: [from = '', to = ''] }) => [[from, to]] },
  cacheValid: { proxy_cache_valid: readCacheValid },
  access: {
    allow: ({ args }) => ({ allow: true, who: args[0]! }),
    deny: ({ args }) => ({ allow: false, who: args[0]! }),
  },
  limits: { limit_req: limitOf },
  connectionLimits: { limit_conn: connectionLimitOf },
  authSets: { auth_request_set: ({ args: [name = '', value = ''] }) => ({ name: name.slice(1), value }) },
  subFilters: { sub_filter: ({ args: [from = '', to = ''] }) => ({ from, to }) },
  realIpFrom: { set_real_ip_from: ({ args }) => args[0]! },
}

function headerOf({ args: [name = '', value = '', always] }: Directive): { name: string; value: string; always: boolean } {
  return { name, value, always: always === 'always' }
}

function errorPageOf(d: Directive): Lists['errorPages'][number] {
  const answer = d.args.at(-2)!
  const codes = d.args.slice(0, -1).filter((a) => !a.startsWith('='))
  for (const code of codes) {
    if (!/^\d+$/.test(code)) throw new ConfigError(`invalid value "${code}"`, d)
    if (Number(code) < 300 || Number(code) > 599) throw new ConfigError(`value "${code}" must be between 300 and 599`, d)
  }
  return {
    codes: codes.map(Number),
    answer: answer.startsWith('=') ? (answer === '=' ? 'target' : Number(answer.slice(1))) : undefined,
    uri: d.args.at(-1)!,
  }
}

/** Applies the settings of one block on top of those it inherits. */
export function settingsOf(block: readonly Directive[], inherited: Settings): Settings {
  const s = { ...inherited } as Record<string, unknown>
  const own: Record<string, unknown[]> = {}
  for (const d of block) {
    const [first = ''] = d.args
    if (FLAGS[d.name]) s[FLAGS[d.name]!] = first === 'on'
    else if (TEXTS[d.name]) s[TEXTS[d.name]!] = first
    else if (FILES[d.name]) s[FILES[d.name]!] = absolute(first)
    else if (TIMES[d.name]) s[TIMES[d.name]!] = milliseconds(first)
    else if (SIZES[d.name]) s[SIZES[d.name]!] = bytes(first)
    else if (NUMBERS[d.name]) s[NUMBERS[d.name]!] = Number(first)
    else if (WORDS[d.name]) s[WORDS[d.name]!] = d.args
    else special(s as unknown as { -readonly [K in keyof Settings]: Settings[K] }, d, first, inherited)
    if (d.name === 'access_log' && first === 'off') {
      s['accessLogs'] = []
      continue
    }
    for (const [list, readers] of Object.entries(ITEMS)) {
      const read = readers[d.name as keyof typeof readers] as ((each: Directive) => unknown) | undefined
      if (!read) continue
      const item = read(d)
      ;(own[list] ??= []).push(...(Array.isArray(item) && list !== 'proxyRedirects' ? (item as unknown[]) : [item]))
    }
  }
  return { ...s, ...own } as unknown as Settings
}

/** Directives that are read in a way of their own. */
function special(s: { -readonly [K in keyof Settings]: Settings[K] }, d: Directive, first: string, inherited: Settings): void {
  switch (d.name) {
    case 'autoindex_format':
      s.autoindexFormat = first as Settings['autoindexFormat']
      break
    case 'satisfy':
      s.satisfyAny = first === 'any'
      break
    case 'gzip_types':
      s.gzipTypes = ['text/html', ...d.args]
      break
    case 'sub_filter_types':
      s.subTypes = ['text/html', ...d.args]
      break
    case 'charset_types':
      s.charsetTypes = ['text/html', ...d.args]
      break
    case 'proxy_cache_methods':
      s.cacheMethods = ['GET', 'HEAD', ...d.args]
      break
    case 'proxy_ignore_headers':
      s.proxyIgnored = d.args.map((name) => name.toLowerCase())
      break
    case 'mirror':
      s.mirrors = first === 'off' ? [] : [...s.mirrors, first]
      break
    case 'resolver':
      s.resolver = true
      break
    case 'error_log':
      s.errorLog = { path: absolute(first), level: d.args[1] ?? 'error' }
      break
    case 'types':
      // Several blocks of one level are one.
      s.types = new Map([
        ...(s.types === inherited.types ? [] : s.types),
        ...(d.block ?? []).flatMap((t) => t.args.map((ext): [string, string] => [ext.toLowerCase(), t.name])),
      ])
      break
  }
}

/** A path of the configuration: from nginx' own folder unless it says where. */
export function absolute(path: string): string {
  return path.startsWith('/') || path.startsWith('$') || path === 'stderr' || path.startsWith('syslog:') ? path : `/etc/nginx/${path}`
}
