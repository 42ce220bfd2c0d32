/** The options of curl, and what it says of those that it does not have. */
import { Fail, type Command, type Options } from '../command.js'
import { segments } from './curl-arguments.js'

export const CURL_OPTIONS = {
  short: 'sSvIifLkgGNOJRqnjBaplr:X:H:d:D:C:z:K:y:Y:U:o:w:m:A:u:e:b:c:T:F:x:E:P:Q:t:460123Z#hV',
  long: {
    silent: 's',
    'show-error': 'S',
    verbose: 'v',
    head: 'I',
    include: 'i',
    fail: 'f',
    location: 'L',
    insecure: 'k',
    get: 'G',
    'no-buffer': 'N',
    'remote-name': 'O',
    'request=': 'X',
    'header=': 'H',
    'data=': 'd',
    'data-ascii=': 'd',
    'data-raw=': 'data-raw',
    'range=': 'r',
    'data-binary=': 'data-binary',
    'data-urlencode=': 'data-urlencode',
    'json=': 'json',
    'output=': 'o',
    'write-out=': 'w',
    'max-time=': 'm',
    'connect-timeout=': 'connect-timeout',
    'user-agent=': 'A',
    'user=': 'u',
    'referer=': 'e',
    'cookie=': 'b',
    'cookie-jar=': 'c',
    'junk-session-cookies': 'j',
    'upload-file=': 'T',
    'cacert=': 'cacert',
    'cert=': 'E',
    'key=': 'key',
    'retry=': 'retry',
    'retry-delay=': 'retry-delay',
    'retry-connrefused': 'retry-connrefused',
    'retry-all-errors': 'retry-all-errors',
    'resolve=': 'resolve',
    'form=': 'F',
    'form-string=': 'form-string',
    'max-redirs=': 'M',
    help: 'h',
    version: 'version',
    'remote-header-name': 'J',
    'location-trusted': 'L',
    'retry-max-time=': 'retry-max-time',
    'proxy=': 'x',
    'interface=': 'interface',
    'create-dirs': 'create-dirs',
    'connect-to=': 'connect-to',
    'unix-socket=': 'unix-socket',
    'abstract-unix-socket=': 'abstract-unix-socket',
    'limit-rate=': 'limit-rate',
    'stderr=': 'stderr',
    disable: 'q',
    'fail-with-body': 'fail-with-body',
    compressed: 'compressed',
    proxytunnel: 'p',
    'trace=': 'trace',
    'trace-ascii=': 'trace-ascii',
    'trace-time': 'trace-time',
    digest: 'digest',
    anyauth: 'anyauth',
    'local-port=': 'local-port',
    'keepalive-time=': 'keepalive-time',
    'quote=': 'Q',
    'telnet-option=': 't',
    'ftp-port=': 'P',
    'haproxy-protocol': 'haproxy-protocol',
    'socks4=': 'socks4',
    'socks4a=': 'socks4a',
    'socks5=': 'socks5',
    'socks5-hostname=': 'socks5h',
    'no-progress-meter': 's',
    ipv4: '4',
    'http1.1': 'http1.1',
    'oauth2-bearer=': 'bearer',
    'url=': 'url',
    'progress-bar': '#',
    globoff: 'g',
    'dump-header=': 'D',
    'continue-at=': 'C',
    'time-cond=': 'z',
    'config=': 'config',
    'speed-time=': 'y',
    'speed-limit=': 'Y',
    'max-filesize=': 'max-filesize',
    'output-dir=': 'output-dir',
    'remote-name-all': 'remote-name-all',
    'remove-on-error': 'remove-on-error',
    'remote-time': 'R',
    'no-clobber': 'no-clobber',
    'show-headers': 'i',
    'etag-save=': 'etag-save',
    'etag-compare=': 'etag-compare',
    'request-target=': 'request-target',
    'url-query=': 'url-query',
    'proto=': 'proto',
    'proto-redir=': 'proto-redir',
    'proto-default=': 'proto-default',
    'noproxy=': 'noproxy',
    'proxy-user=': 'U',
    'proxy-header=': 'proxy-header',
    'proxy-insecure': 'ignored',
    netrc: 'n',
    'netrc-optional': 'n',
    'netrc-file=': 'netrc-file',
    'capath=': 'capath',
    'tls-max=': 'tls-max',
    'tlsv1.0': 'tlsv1.0',
    'tlsv1.1': 'tlsv1.1',
    'tlsv1.2': 'tlsv1.2',
    'tlsv1.3': 'tlsv1.3',
    'ciphers=': 'ciphers',
    'tls13-ciphers=': 'tls13-ciphers',
    'path-as-is': 'path-as-is',
    append: 'a',
    post301: 'post301',
    post302: 'post302',
    post303: 'post303',
    ipv6: '6',
    'http1.0': '0',
    http2: 'http2',
    tlsv1: '1',
    sslv2: '2',
    sslv3: '3',
    'http2-prior-knowledge': 'http2-prior-knowledge',
    parallel: 'Z',
    'fail-early': 'fail-early',
    // What follows changes nothing that could be seen of a transfer here.
    ...Object.fromEntries(
      'basic use-ascii list-only compressed-ssh disable-eprt disable-epsv disallow-username-in-url doh-cert-status doh-insecure form-escape ftp-create-dirs ftp-pret ftp-skip-pasv-ip ftp-ssl-ccc ftp-ssl-control mail-rcpt-allowfails ntlm-wb proxy-anyauth proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tlsv1 sasl-ir socks5-gssapi socks5-gssapi-nec ssl-allow-beast ssl-auto-client-cert ssl-no-revoke ssl-revoke-best-effort suppress-connect-headers tftp-no-options keepalive sessionid alpn npn false-start tcp-nodelay tcp-fastopen parallel-immediate styled-output ssl ssl-reqd xattr raw tr-encoding crlf http0.9 buffer progress-meter trace-ids ignore-content-length ftp-pasv socks5-basic proxy-basic'
        .split(' ')
        .map((name) => [name, 'ignored']),
    ),
    ...Object.fromEntries(
      'create-file-mode crlfile curves delegation egd-file ftp-account ftp-alternative-to-user ftp-method ftp-ssl-ccc-mode hostpubmd5 hostpubsha256 login-options mail-auth pass proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser pubkey random-file sasl-authzid service-name socks5-gssapi-service tftp-blksize tlsauthtype tlspassword tlsuser happy-eyeballs-timeout-ms expect100-timeout alt-svc hsts cert-type key-type parallel-max rate trace-config'
        .split(' ')
        .map((name) => [`${name}=`, 'ignored']),
    ),
  },
  usage: '[options...] <url>',
}

/** What `curl --help` begins with. */
const HELP = `Usage: curl [options...] <url>
 -d, --data <data>           HTTP POST data
 -f, --fail                  Fail fast with no output on HTTP errors
 -h, --help <subject>        Get help for commands
 -o, --output <file>         Write to file instead of stdout
 -O, --remote-name           Write output to file named as remote file
 -i, --show-headers          Show response headers in output
 -s, --silent                Silent mode
 -T, --upload-file <file>    Transfer local FILE to destination
 -u, --user <user:password>  Server user and password
 -A, --user-agent <name>     Send User-Agent <name> to server
 -v, --verbose               Make the operation more talkative
 -V, --version               Show version number and quit

This is not the full help; this menu is split into categories.
Use "--help category" to get an overview of all categories, which are:
auth, connection, curl, deprecated, dns, file, ftp, global, http, imap, ldap,
output, pop3, post, proxy, scp, sftp, smtp, ssh, ssl, telnet, tftp, timeout,
upload, verbose.
Use "--help all" to list all options
`

/** The version of curl that goes with the distribution of an image. */
export function curlVersion(c: Command): string {
  const own = c.task.env['CURL_VERSION']
  if (own) return own
  return c.fs.exists('/etc/alpine-release') ? '8.14.1' : '7.88.1'
}

/** What `curl --version` and `%{json}` say of how it was built, by the distribution of the image. */
export function buildOf(c: Command): { release: string; features: string; platform: string; library: string } {
  const version = curlVersion(c)
  const features = 'alt-svc AsynchDNS HSTS HTTP2 HTTPS-proxy IPv6 Largefile libz SSL threadsafe UnixSockets'
  if (version.startsWith('7.'))
    return { release: '2023-02-20, security patched: 7.88.1-10+deb12u14', features, platform: 'x86_64-pc-linux-gnu', library: `libcurl/${version} OpenSSL/3.0.17 zlib/1.2.13 nghttp2/1.52.0` }
  return { release: '2025-06-04', features, platform: 'x86_64-alpine-linux-musl', library: `libcurl/${version} OpenSSL/3.5.1 zlib/1.3.1 nghttp2/1.65.0` }
} // prettier-ignore

/** Options of other builds of curl: what is not built in is told so. Those that end in `=` have an argument. */
const NOT_BUILT_IN = new Set(
  'dns-servers= dns-interface= dns-ipv4-addr= dns-ipv6-addr= doh-url= preproxy= aws-sigv4= engine= pinnedpubkey= libcurl= ntlm negotiate http3 http3-only cert-status mail-from= mail-rcpt= krb= proxy-digest proxy-ntlm proxy-negotiate'
    .split(' ')
    .map((name) => name.replace('=', '')),
)

const ADVICE = "curl: try 'curl --help' or 'curl --manual' for more information"

/** What takes a number, and is refused where that is none. */
const NUMBERS = ['m', 'connect-timeout', 'retry', 'retry-delay', 'retry-max-time', 'M', 'y', 'Y', 'keepalive-time']

/** What takes a number of bytes, and what a warning calls it. */
const SIZES = { 'limit-rate': 'rate', 'max-filesize': 'max-filesize' } as const

/**
 * Parses the command line, with the files of -K and `~/.curlrc`: one set of options for each part between `--next`.
 * Prints help or version and ends; throws Fail in curl's words for what it does not know.
 */
export async function parseOptions(c: Command): Promise<Options[]> {
  const all: Options[] = []
  for (const argv of await segments(c)) all.push(await parseSegment(c, argv))
  const [first] = all
  if (first!.has('h')) {
    await c.print(HELP)
    c.task.exit(0)
  }
  if (first!.has('V') || first!.has('version')) {
    const { release, features, platform, library } = buildOf(c)
    await c.print(
      `curl ${curlVersion(c)} (${platform}) ${library}\nRelease-Date: ${release}\nProtocols: file http https\nFeatures: ${features}\n`,
    )
    c.task.exit(0)
  }
  // How much is told is told once for all parts.
  for (const later of all.slice(1))
    for (const letter of ['s', 'S', 'v', '#', 'Z', 'trace', 'trace-ascii', 'trace-time'])
      if (first!.has(letter)) later.add(letter, first!.get(letter)!)
  return all
}

async function parseSegment(c: Command, argv: readonly string[]): Promise<Options> {
  const unset: string[] = []
  const long: Readonly<Record<string, string>> = CURL_OPTIONS.long
  const kept = argv.filter((word) => {
    const name = /^--no-(.+)$/.exec(word)?.[1]
    if (name === undefined || Object.hasOwn(long, word.slice(2)) || !Object.hasOwn(long, name)) return true
    unset.push(long[name]!)
    return false
  })
  const refuse = (option: string, why: string): Fail => new Fail(`curl: option ${option}: ${why}\n${ADVICE}`, 2)
  const shown = (name: string): string => (name.startsWith('-') ? name : `-${name}`)
  // A value stands in a word of its own.
  const joined = kept.find((word, i) => /^--[a-z0-9.-]+=/.test(word) && !takesNext(kept[i - 1] ?? ''))
  if (joined !== undefined) throw refuse(joined, 'is unknown')
  let o: Options
  try {
    o = await c.options(CURL_OPTIONS, kept)
  } catch (error) {
    if (!(error instanceof Fail)) throw error
    const bad = /'([^']+)'/.exec(error.message)?.[1] ?? /: (\S+)$/m.exec(error.message.split('\n')[0]!)?.[1] ?? ''
    if (error.message.includes('ambiguous')) throw refuse(shown(bad), 'is ambiguous')
    if (error.message.includes('requires')) throw refuse(shown(bad), 'requires parameter')
    if (NOT_BUILT_IN.has(bad.replace(/^--/, '').replace(/=.*/, '')))
      throw refuse(
        bad,
        curlVersion(c).startsWith('7.')
          ? "the installed libcurl version doesn't support this"
          : 'the installed libcurl version does not support this',
      )
    throw refuse(shown(bad), 'is unknown')
  }
  for (const letter of unset) o.delete(letter)
  for (const letter of NUMBERS)
    if (o.has(letter) && !/^\d+(\.\d*)?[kmgKMG]?$/.test(o.get(letter)!))
      throw refuse(spelled(letter), 'expected a proper numerical parameter')
  if (o.has('C') && !/^(-|\d+)$/.test(o.get('C')!)) throw refuse('-C', 'expected a proper numerical parameter')
  for (const [letter, called] of Object.entries(SIZES))
    if (o.has(letter) && !/^\d+(\.\d*)?[bkmgpt]?$/i.test(o.get(letter)!)) {
      if (!o.has('s')) await c.task.writeError(`Warning: invalid number specified for ${called}\n`)
      throw refuse(`--${letter}`, 'is badly used here')
    }
  const standard = o.get('proto-default')
  if (standard !== undefined && !/^https?$/i.test(standard))
    throw refuse('--proto-default', 'a specified protocol is unsupported by libcurl')
  if (o.has('local-port') && !/^\d{1,5}(-\d{1,5})?$/.test(o.get('local-port')!)) throw refuse('--local-port', 'is badly used here')
  const most = o.get('tls-max')
  if (most !== undefined && !/^(default|1\.[0-3])$/.test(most)) throw refuse('--tls-max', 'is badly used here')
  return o
}

/** Whether the next word is the value of an option. */
function takesNext(word: string): boolean {
  if (word.startsWith('--')) return Object.hasOwn(CURL_OPTIONS.long, `${word.slice(2)}=`)
  return /^-[^-]/.test(word) && CURL_OPTIONS.short.includes(`${word.at(-1)}:`)
}

const spelled = (letter: string): string => {
  if (letter.length === 1 && letter !== 'M') return `-${letter}`
  return `--${
    Object.entries(CURL_OPTIONS.long)
      .find(([, value]) => value === letter)?.[0]
      .replace('=', '') ?? letter
  }`
}
