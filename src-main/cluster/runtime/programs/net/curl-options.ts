/** The options of curl, and what it says of those that it does not have. */
import { Fail, type Command, type Options } from '../command.js'

export const CURL_OPTIONS = {
  short: 'sSvIifLkgGNOJRqr:X:H:d:o:w:m:A:u:e:b:c:T:F:x:E:46012Z#hV',
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
    'data-binary=': 'B',
    'data-urlencode=': 'U',
    'json=': 'j',
    'output=': 'o',
    'write-out=': 'w',
    'max-time=': 'm',
    'connect-timeout=': 'C',
    'user-agent=': 'A',
    'user=': 'u',
    'referer=': 'e',
    'cookie=': 'b',
    'cookie-jar=': 'c',
    'upload-file=': 'T',
    'cacert=': 'a',
    'cert=': 'E',
    'key=': 'K',
    'retry=': 'y',
    'retry-delay=': 'Y',
    'retry-connrefused': 'z',
    'retry-all-errors': 'z',
    'resolve=': 'resolve',
    'form=': 'F',
    'form-string=': 'F',
    'max-redirs=': 'M',
    help: 'h',
    version: 'version',
    'remote-header-name': 'J',
    http2: '2',
    'http1.0': '0',
    'location-trusted': 'L',
    'retry-max-time=': 'retry-max-time',
    'proxy=': 'x',
    'interface=': 'interface',
    'create-dirs': 'create-dirs',
    'tlsv1.2': 'tls',
    'tlsv1.3': 'tls',
    'path-as-is': 'path-as-is',
    'connect-to=': 'connect-to',
    'unix-socket=': 'unix-socket',
    'limit-rate=': 'limit-rate',
    'stderr=': 'stderr',
    disable: 'q',
    'fail-with-body': 'fail-with-body',
    compressed: 'p',
    'no-progress-meter': 's',
    ipv4: '4',
    'http1.1': '1',
    'oauth2-bearer=': 't',
    'url=': 'l',
    'progress-bar': '#',
    globoff: 'g',
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

/** Parses the command line. Prints help or version and ends; throws Fail in curl's words for what it does not know. */
export async function parseOptions(c: Command): Promise<Options> {
  let o: Options
  try {
    o = await c.options(CURL_OPTIONS)
  } catch (error) {
    if (!(error instanceof Fail)) throw error
    const more = "curl: try 'curl --help' or 'curl --manual' for more information"
    const missing = /option (?:requires an argument|'([^']+)' requires).*?(?:-- '(\w)')?/.exec(error.message)
    if (missing && error.message.includes('requires')) {
      const name = /'([^']+)'/.exec(error.message)?.[1] ?? ''
      throw new Fail(`curl: option ${name.startsWith('-') ? name : `-${name}`}: requires parameter\n${more}`, 2)
    }
    const bad = /'([^']+)'/.exec(error.message)?.[1] ?? /: (\S+)$/m.exec(error.message.split('\n')[0]!)?.[1] ?? ''
    throw new Fail(`curl: option ${bad.startsWith('-') ? bad : `-${bad}`}: is unknown\n${more}`, 2)
  }
  if (o.has('h')) {
    await c.print(HELP)
    c.task.exit(0)
  }
  if (o.has('V') || o.has('version')) {
    const version = curlVersion(c)
    await c.print(
      `curl ${version} (x86_64-pc-linux-gnu) libcurl/${version} OpenSSL/3.0.17\nRelease-Date: 2025-06-04\nProtocols: http https\nFeatures: HTTPS-proxy IPv6 Largefile SSL threadsafe\n`,
    )
    c.task.exit(0)
  }
  return o
}
