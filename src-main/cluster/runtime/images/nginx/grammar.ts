/** What is wrong with a configuration whatever it means: names, places, numbers and kinds of arguments, variables that nobody sets. */
import { isAddressOrBlock } from '../../../network/addresses.js'
import { ConfigError, type Directive } from './conf.js'
import { DIRECTIVES, type Usage } from './directives.js'

/** The letters of the places within blocks, by the place that the block stands in. */
const WITHIN: Readonly<Record<string, string>> = {
  events: 'e',
  http: 'h',
  'server h': 's',
  'location s': 'l',
  'location l': 'l',
  'if s': 'j',
  'if l': 'i',
  'limit_except l': 'x',
  'upstream h': 'u',
  stream: 'S',
  'server S': 'T',
  'upstream S': 'U',
}

/** Words that directives take, of those that people get wrong. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  autoindex_format: ['html', 'xml', 'json', 'jsonp'],
  satisfy: ['all', 'any'],
  gzip_static: ['off', 'on', 'always'],
  if_modified_since: ['off', 'exact', 'before'],
  server_tokens: ['on', 'off', 'build'],
  proxy_http_version: ['1.0', '1.1', '2'],
  gzip_http_version: ['1.0', '1.1'],
  ssl_verify_client: ['off', 'on', 'optional', 'optional_no_ca'],
  ssl_protocols: ['SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
  limit_req_log_level: ['info', 'notice', 'warn', 'error'],
  limit_conn_log_level: ['info', 'notice', 'warn', 'error'],
  proxy_next_upstream:
    'error timeout invalid_header non_idempotent http_500 http_502 http_503 http_504 http_403 http_404 http_429 updating off'.split(' '),
  proxy_cache_use_stale: 'error timeout invalid_header updating http_500 http_502 http_503 http_504 http_403 http_404 http_429 off'.split(
    ' ',
  ),
  gzip_proxied: 'off expired no-cache no-store private no_last_modified no_etag auth any'.split(' '),
}

const LEVELS = ['debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg']

/** Checks blocks and what is in them, in the order of the file. Throws {@link ConfigError} in nginx' words. */
export function checkGrammar(directives: readonly Directive[]): void {
  checkBlock(directives, 'm')
}

function checkBlock(block: readonly Directive[], place: string): void {
  const seen = new Set<string>()
  for (const d of block) {
    const usages = DIRECTIVES.get(d.name)
    if (!usages) throw new ConfigError(`unknown directive "${d.name}"`, d)
    const usage = usages.find(({ places }) => places.includes(place))
    if (!usage) throw new ConfigError(`"${d.name}" directive is not allowed here`, d)
    checkArguments(d, usage)
    if (['flag', 'amount', 'number'].includes(usage.kind) && d.name !== 'expires') {
      if (seen.has(d.name)) throw new ConfigError(`"${d.name}" directive is duplicate`, d)
      seen.add(d.name)
    }
    if (ONCE.has(d.name)) {
      if (seen.has(d.name)) throw new ConfigError(`"${d.name}" directive is duplicate`, d)
      seen.add(d.name)
    }
    const inner = WITHIN[d.name] ?? WITHIN[`${d.name} ${place}`]
    if (d.block && inner !== undefined) checkBlock(d.block, inner)
  }
}

/** Directives with free texts that may stand once. */
const ONCE = new Set(['root', 'alias', 'default_type', 'proxy_pass', 'auth_basic_user_file', 'auth_basic', 'pid', 'http', 'events', 'stream', 'try_files', 'user', 'satisfy', 'proxy_cache', 'proxy_cache_key']) // prettier-ignore

function checkArguments(d: Directive, { kind, least, most }: Usage): void {
  if (kind === 'block' && !d.block) throw new ConfigError(`directive "${d.name}" has no opening "{"`, d)
  if (kind !== 'block' && d.block) throw new ConfigError(`directive "${d.name}" is not terminated by ";"`, d)
  const n = d.args.length
  if (n < least || n > most) throw new ConfigError(`invalid number of arguments in "${d.name}" directive`, d)
  const [first = ''] = d.args
  if (first.includes('$')) return
  if (kind === 'flag' && first.toLowerCase() !== 'on' && first.toLowerCase() !== 'off')
    throw new ConfigError(`invalid value "${first}" in "${d.name}" directive, it must be "on" or "off"`, d)
  if (d.name === 'worker_processes' && !/^(\d+|auto)$/.test(first)) throw new ConfigError('"worker_processes" directive invalid value', d)
  const amount = /^(\d+(ms|[smhdwMykKgG])? ?)+$/
  if (kind === 'amount' && !AMOUNT_WORDS.has(first) && !(d.name === 'expires' && /^(modified|[-+@]|epoch|max|off)/.test(first)))
    if (!d.args.slice(0, 1).every((arg) => amount.test(arg))) throw new ConfigError(`"${d.name}" directive invalid value`, d)
  if (kind === 'number' && !/^\d+$/.test(first)) throw new ConfigError(`"${d.name}" directive invalid number`, d)
  const choices = CHOICES[d.name]
  for (const arg of choices ? d.args : []) if (!choices!.includes(arg)) throw new ConfigError(`invalid value "${arg}"`, d)
  checkWords(d)
  if (d.name === 'error_log' && d.args[1] !== undefined && !LEVELS.includes(d.args[1]))
    throw new ConfigError(`invalid log level "${d.args[1]}"`, d)
}

/** What may follow the address of a `listen`. */
const LISTEN =
  /^(default(_server)?|ssl|http2|quic|spdy|proxy_protocol|deferred|bind|reuseport|(setfib|fastopen|backlog|rcvbuf|sndbuf|accept_filter|ipv6only|so_keepalive)=.+)$/

/** Throws {@link ConfigError} for a word in a place where only some have a meaning. */
function checkWords({ name, args, ...rest }: Directive): void {
  const d = { name, args, ...rest }
  const invalid = (word: string): never => {
    throw new ConfigError(`invalid parameter "${word}"`, d)
  }
  const [first = ''] = args
  if (name === 'listen') args.slice(1).forEach((word) => LISTEN.test(word) || word === 'udp' || invalid(word))
  if ((name === 'allow' || name === 'deny') && first !== 'all' && first !== 'unix:' && !isAddressOrBlock(first)) invalid(first)
  if (name === 'rewrite' && args[2] !== undefined && !['last', 'break', 'redirect', 'permanent'].includes(args[2])) invalid(args[2])
  if (name === 'proxy_redirect' && args.length === 1 && first !== 'off' && first !== 'default') invalid(first)
}

/** What stands in the place of an amount. */
const AMOUNT_WORDS = new Set(['off', 'on', 'auto', 'unlimited', 'threads'])

/** Variables that nginx itself has. */
const VARIABLES = new Set(
  `ancient_browser args binary_remote_addr body_bytes_sent bytes_sent connection connection_requests connection_time
content_length content_type date_gmt date_local document_root document_uri fastcgi_path_info fastcgi_script_name gzip_ratio
host hostname http2 http3 https invalid_referer is_args is_request_port limit_conn_status limit_rate limit_req_status
modern_browser msec msie nginx_version pid pipe proxy_add_x_forwarded_for proxy_host proxy_internal_body_length
proxy_internal_chunked proxy_port proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr
proxy_protocol_server_port query_string realip_remote_addr realip_remote_port realpath_root remote_addr remote_port
remote_user request request_body request_body_file request_completion request_filename request_id request_length
request_method request_port request_time request_uri scheme secure_link secure_link_expires server_addr server_name server_port
server_protocol slice_range ssl_alpn_protocol ssl_cipher ssl_ciphers ssl_client_cert ssl_client_escaped_cert
ssl_client_fingerprint ssl_client_i_dn ssl_client_raw_cert ssl_client_s_dn ssl_client_serial ssl_client_v_end
ssl_client_v_remain ssl_client_v_start ssl_client_verify ssl_curve ssl_curves ssl_early_data ssl_protocol ssl_server_name
ssl_session_id ssl_session_reused status tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd tcpinfo_rcv_space time_iso8601 time_local
uid_got uid_reset uid_set upstream_addr upstream_bytes_received upstream_bytes_sent upstream_cache_status
upstream_cache_last_modified upstream_connect_time upstream_first_byte_time upstream_header_time upstream_last_server_name
upstream_response_length upstream_response_time upstream_status uri geoip_country_code connections_active
connections_reading connections_waiting connections_writing bytes_received session_time protocol ssl_preread_protocol
ssl_preread_server_name ssl_preread_alpn_protocols upstream_session_time memcached_key grpc_internal_trailers date`
    .trim()
    .split(/\s+/),
)
const PREFIXES = /^(http_|sent_http_|sent_trailer_|upstream_http_|upstream_trailer_|upstream_cookie_|arg_|cookie_|\d$|proxy_protocol_tlv_)/

/** Directives whose arguments have variables in them. */
const WITH_VARIABLES = new Set(
  `access_log add_header add_trailer alias auth_basic auth_basic_user_file auth_request_set autoindex_format charset error_page
expires hash if index limit_conn_zone limit_rate limit_req_zone log_format map mirror proxy_bind proxy_cache proxy_cache_bypass
proxy_cache_key proxy_cookie_domain proxy_cookie_path proxy_method proxy_no_cache proxy_pass proxy_redirect proxy_set_body
proxy_set_header proxy_ssl_name return rewrite root set split_clients ssl_certificate ssl_certificate_key sub_filter try_files
fastcgi_param fastcgi_pass uwsgi_param uwsgi_pass secure_link secure_link_md5 geo`
    .trim()
    .split(/\s+/),
)

/** Throws {@link ConfigError} for a variable that is neither nginx' own nor set anywhere. */
export function checkVariables(directives: readonly Directive[]): void {
  const known = new Set<string>()
  const used: string[] = []
  const walk = (d: Directive): void => {
    if (['set', 'auth_request_set', 'js_set', 'perl_set'].includes(d.name)) known.add((d.args[0] ?? '').replace(/^\$/, ''))
    if (['map', 'geo', 'split_clients'].includes(d.name)) known.add((d.args.at(-1) ?? '').replace(/^\$/, ''))
    for (const arg of [d.name, ...d.args]) for (const [, name] of arg.matchAll(/\(\?P?<(\w+)>/g)) known.add(name!)
    const texts =
      d.name === 'rewrite' ? d.args.slice(1, 2) : d.name === 'if' ? conditionTexts(d.args) : WITH_VARIABLES.has(d.name) ? d.args : []
    for (const text of texts) for (const [, braced, plain] of text.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)) used.push((braced ?? plain)!)
    d.block?.forEach(walk)
  }
  directives.forEach(walk)
  const unknown = used.find((name) => !known.has(name) && !VARIABLES.has(name) && !PREFIXES.test(name))
  if (unknown !== undefined) throw new ConfigError(`unknown "${unknown}" variable`)
}

/** The words of a condition but for its regular expression. */
function conditionTexts(args: readonly string[]): readonly string[] {
  const pattern = args.findIndex((arg) => /^!?~\*?$/.test(arg))
  return pattern < 0 ? args : args.slice(0, pattern)
}
