/** What wget takes, and what GNU's says of what it does not. */
import { SystemError } from '../../process.js'
import { Fail, type Command, type Options } from '../command.js'
import { readText } from '../reading.js'

export const SPEC = {
  short: 'cqSO:o:T:t:P:U:Y:nvb',
  long: {
    quiet: 'q',
    'output-document=': 'O',
    'timeout=': 'T',
    'tries=': 't',
    'header=': 'H',
    'post-data=': 'D',
    'user-agent=': 'U',
    'no-check-certificate': 'K',
    spider: 's',
    'server-response': 'S',
    'directory-prefix=': 'P',
    continue: 'c',
    'no-verbose': 'v',
    'method=': 'M',
    'body-data=': 'D',
    'max-redirect=': 'R',
    'content-on-error': 'E',
    'post-file=': 'F',
    'retry-connrefused': 'C',
  },
  usage: `[-cqS] [--spider] [-O FILE] [-o LOGFILE] [--header STR]
	[--post-data STR | --post-file FILE] [-Y on/off]
	[--no-check-certificate] [-P DIR] [-U AGENT] [-T SEC] URL...

Retrieve files via HTTP or FTP`,
}

/** What GNU's takes besides. */
export const GNU_SPEC = {
  ...SPEC,
  short: `${SPEC.short}Nxi:a:e:w:Q:46dErl:pkmA:R:HD:I:X:B:FK`,
  long: {
    ...SPEC.long,
    timestamping: 'N',
    'no-clobber': 'nc',
    'force-directories': 'x',
    'no-directories': 'nd',
    'no-host-directories': 'nH',
    'cut-dirs=': 'cut-dirs',
    'input-file=': 'i',
    'output-file=': 'o',
    'append-output=': 'a',
    'referer=': 'referer',
    'user=': 'user',
    'password=': 'password',
    'http-user=': 'user',
    'http-password=': 'password',
    'auth-no-challenge': 'auth-no-challenge',
    'content-disposition': 'content-disposition',
    'no-use-server-timestamps': 'keep-time',
    'save-headers': 'save-headers',
    'body-file=': 'F',
    'body-data=': 'body-data',
    'no-cache': 'no-cache',
    'progress=': 'progress',
    'limit-rate=': 'limit-rate',
    'quota=': 'quota',
    version: 'version',
    recursive: 'r',
    'level=': 'l',
    'page-requisites': 'p',
    'convert-links': 'k',
    mirror: 'm',
    'accept=': 'A',
    'reject=': 'Rj',
    'accept-regex=': 'accept-regex',
    'reject-regex=': 'reject-regex',
    'no-parent': 'np',
    'span-hosts': 'span',
    'domains=': 'D2',
    'exclude-domains=': 'exclude-domains',
    'include-directories=': 'I',
    'exclude-directories=': 'X',
    'https-only': 'https-only',
    'delete-after': 'delete-after',
    'adjust-extension': 'E2',
    'backup-converted': 'backup-converted',
    background: 'b',
    'base=': 'B',
    'load-cookies=': 'load-cookies',
    'save-cookies=': 'save-cookies',
    'keep-session-cookies': 'keep-session-cookies',
    'no-cookies': 'no-cookies',
    'execute=': 'execute',
    'wait=': 'wait',
    'random-wait': 'ignored',
    'connect-timeout=': 'T',
    'read-timeout=': 'T',
    'dns-timeout=': 'T',
    'trust-server-names': 'trust-server-names',
    'no-if-modified-since': 'ignored',
    // What follows changes nothing that could be seen of a transfer here.
    ...Object.fromEntries('no-proxy no-dns-cache inet4-only inet6-only show-progress verbose no-hsts no-netrc no-config ignore-length no-http-keep-alive no-warc-compression debug'.split(' ').map((name) => [name, 'ignored'])),
    ...Object.fromEntries('waitretry ca-certificate ca-directory secure-protocol prefer-family bind-address compression report-speed'.split(' ').map((name) => [`${name}=`, 'ignored'])),
  },
} // prettier-ignore

/** What --version says first. */
export const VERSION = `GNU Wget 1.21.3 built on linux-gnu.

-cares +digest -gpgme +https +ipv6 +iri +large-file -metalink +nls 
+ntlm +opie +psl +ssl/gnutls 

Wgetrc: 
    /etc/wgetrc (system)
`

/** `-nv` and its like are words of their own. */
export const NEGATIONS: Readonly<Record<string, string>> = {
  c: '--no-clobber',
  d: '--no-directories',
  H: '--no-host-directories',
  p: '--no-parent',
}

/** Letters that mean something else inside than GNU's short options: spelled out. */
export const SPELLED: Readonly<Record<string, string>> = {
  R: '--reject',
  H: '--span-hosts',
  D: '--domains',
  E: '--adjust-extension',
  K: '--backup-converted',
  e: '--execute',
  w: '--wait',
}

/** What is told goes to the file of -o, or behind what stands in that of -a. */
export async function beginLog(c: Command, o: Options): Promise<void> {
  const file = o.get('a') ?? o.get('o')
  if (file !== undefined) c.task.setDescriptor(2, await c.task.fs.openWaiting(file, o.has('a') ? 'a' : 'w'))
}

/** The URLs in the file of -i, one a line. */
export async function listed(c: Command, o: Options): Promise<string[]> {
  const file = o.get('i')
  if (file === undefined) return []
  try {
    return (await readText(c, file)).split('\n').map((line) => line.trim()).filter((line) => line !== '') // prettier-ignore
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await c.task.writeError(`${file}: ${c.text(error)}\n`)
    return []
  }
}

/** Refuses values that are none, and what a request cannot have at once. */
export function checkBody(o: Options): void {
  const line = o.all('execute').find((each) => !/^\s*[a-z_]+\s*=/i.test(each) || !KNOWN_SETTINGS.test(each))
  if (line !== undefined) throw new Fail(`wget: Invalid --execute command '${line}'`, 2)
  const pause = o.get('wait')
  if (pause !== undefined && !/^\d+(\.\d*)?[smhdw]?$/.test(pause)) throw new Fail(`wget: --wait: Invalid time period '${pause}'`, 2)
  const depth = o.get('l')
  if (depth !== undefined && !/^(\d+|inf)$/.test(depth)) throw new Fail(`wget: --level: Invalid number '${depth}'.`, 2)
  if (o.has('nc') && o.has('N'))
    throw new Fail("Can't timestamp and not clobber old files at the same time.\nUsage: wget [OPTION]... [URL]...", 1)
  if (o.has('O') && o.has('k') && (o.has('r') || o.has('p')))
    throw new Fail(
      'Cannot specify both -k or --convert-file-only and -O if multiple URLs are given, or in combination\nwith -p or -r. See the manual for details.\n\nUsage: wget [OPTION]... [URL]...',
      1,
    )
  const wrong = (name: string, kind: string, value: string): Fail => new Fail(`wget: --${name}: Invalid ${kind} '${value}'`, 2)
  const time = o.get('T')
  if (time !== undefined && !/^(\d+(\.\d*)?[smhdw]?|inf(inity)?)$/.test(time)) throw wrong('timeout', 'time period', time)
  for (const name of ['quota', 'limit-rate']) {
    const size = o.get(name)
    if (size !== undefined && !/^(\d+(\.\d*)?[kmgt]?|inf)$/i.test(size)) throw wrong(name, 'byte value', size)
  }
  const shape = o.get('progress')
  if (shape !== undefined && !/^(bar|dot)(:.*)?$/.test(shape)) throw new Fail(`wget: --progress: Invalid progress type '${shape}'.`, 2)
  if (o.has('D') && o.has('F') && !o.has('M')) throw new Fail('You cannot specify both --post-data and --post-file.')
  if (o.has('body-data') && !o.has('M'))
    throw new Fail('You must specify a method through --method=HTTPMethod to use with --body-data or --body-file.')
}

/** Settings of .wgetrc that -e may give. */
const KNOWN_SETTINGS =
  /^\s*(robots|timeout|tries|quiet|verbose|recursive|reclevel|header|user_?agent|use_?proxy|https?_?proxy|check_?certificate|cookies|wait|random_?wait|limit_?rate|dir_?prefix|background|continue|timestamping|no_?clobber|output_?document|inet[46]_?only|dns_?cache|accept|reject|no_?parent|span_?hosts|domains|mirror|progress|retry_?connrefused|max_?redirect|content_?disposition|referer|user|password|http_?user|http_?password|logfile|netrc|secure_?protocol)\s*=/i
