/**
 * The libraries that Kubernetes adds to CEL: quantities, URLs, addresses, networks, formats and semantic versions.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-cel-libraries
 */
import { dns1035Label, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '../../kinds/rules/names.js'
import {
  addQuantities,
  compareQuantities,
  isWhole,
  quantityValue,
  subtractQuantities,
  tryParseQuantity,
} from '../../kinds/rules/quantity.js'
import { formatHolds } from '../../crd/formats.js'
import { isRequestUri } from '../../crd/request-uri.js'
import {
  CidrValue,
  cidrFrom,
  compareSemver,
  FormatValue,
  ipFrom,
  ipText,
  IpValue,
  maskedIp,
  Optional,
  QuantityValue,
  SemverValue,
  UrlValue,
  widthOf,
  type Value,
} from '../values.js'
import { parseSemver } from '../semver.js'
import { int } from './operators.js'
import { EvaluationError, fn, method, type Overload } from './overload.js'

function quantityFrom(text: string): QuantityValue {
  const quantity = tryParseQuantity(text)
  if (!quantity) throw new EvaluationError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
  return new QuantityValue(quantity)
}

const order = (a: QuantityValue, b: QuantityValue): number => Math.sign(compareQuantities(a.quantity, b.quantity))
const whole = (value: bigint): QuantityValue => quantityFrom(String(value))

function wholeValue({ quantity }: QuantityValue): bigint {
  if (!isWhole(quantity)) throw new EvaluationError('cannot convert value to integer')
  return int(quantity.nano / 1_000_000_000n)
}

const QUANTITIES: readonly Overload[] = [
  fn('quantity', 'string => kubernetes.Quantity', quantityFrom),
  fn('isQuantity', 'string => bool', (text: string) => tryParseQuantity(text) !== undefined),
  method('isInteger', 'kubernetes.Quantity => bool', ({ quantity }: QuantityValue) => isWhole(quantity)),
  method('asInteger', 'kubernetes.Quantity => int', wholeValue),
  method('asApproximateFloat', 'kubernetes.Quantity => double', ({ quantity }: QuantityValue) =>
    isWhole(quantity) ? quantityValue(quantity) : Number(quantity.nano) / 1e9,
  ),
  method('sign', 'kubernetes.Quantity => int', ({ quantity }: QuantityValue) => (quantity.nano > 0n ? 1n : quantity.nano < 0n ? -1n : 0n)),
  method(
    'add',
    'kubernetes.Quantity, kubernetes.Quantity => kubernetes.Quantity',
    (a: QuantityValue, b: QuantityValue) => new QuantityValue(addQuantities(a.quantity, b.quantity)),
  ),
  method(
    'add',
    'kubernetes.Quantity, int => kubernetes.Quantity',
    (a: QuantityValue, b: bigint) => new QuantityValue(addQuantities(a.quantity, whole(b).quantity)),
  ),
  method(
    'sub',
    'kubernetes.Quantity, kubernetes.Quantity => kubernetes.Quantity',
    (a: QuantityValue, b: QuantityValue) => new QuantityValue(subtractQuantities(a.quantity, b.quantity)),
  ),
  method(
    'sub',
    'kubernetes.Quantity, int => kubernetes.Quantity',
    (a: QuantityValue, b: bigint) => new QuantityValue(subtractQuantities(a.quantity, whole(b).quantity)),
  ),
  method('isLessThan', 'kubernetes.Quantity, kubernetes.Quantity => bool', (a: QuantityValue, b: QuantityValue) => order(a, b) < 0),
  method('isGreaterThan', 'kubernetes.Quantity, kubernetes.Quantity => bool', (a: QuantityValue, b: QuantityValue) => order(a, b) > 0),
  method('compareTo', 'kubernetes.Quantity, kubernetes.Quantity => int', (a: QuantityValue, b: QuantityValue) => BigInt(order(a, b))),
]

/** A URL as Go's `url.ParseRequestURI` takes it: absolute, or a path. */
function tryUrl(text: string): UrlValue | undefined {
  if (!isRequestUri(text)) return undefined
  try {
    if (text.startsWith('/')) return new UrlValue(new URL(text, 'path://'), text)
    return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) ? new UrlValue(new URL(text), text) : undefined
  } catch {
    return undefined
  }
}

function urlFrom(text: string): UrlValue {
  const url = tryUrl(text)
  if (!url)
    throw new EvaluationError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`)
  return url
}

/** The host with its port as it was written: the standard parser drops the port that a scheme has anyway. */
const hostOf = ({ text }: UrlValue): string => /^[^:/?#]+:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(text)?.[1] ?? ''
const portOf = (url: UrlValue): string => /:(\d*)$/.exec(hostOf(url))?.[1] ?? ''

function queryOf({ url }: UrlValue): Map<Value, Value> {
  const query = new Map<Value, Value>()
  for (const name of url.searchParams.keys()) query.set(name, url.searchParams.getAll(name))
  return query
}

/** The path as it was written, when all of it may stand in a path; otherwise with what may not as `%20`. */
function escapedPath({ text }: UrlValue): string {
  const path = /^(?:[^:/?#]+:\/\/[^/?#]*)?([^?#]*)/.exec(text)?.[1] ?? ''
  if (/^[\w\-.~!$&'()*+,;=:@[\]/%]*$/.test(path)) return path
  const byte = (c: string): string => Buffer.from(c).toString('hex').toUpperCase().replace(/../g, '%$&')
  return decodeURIComponent(path).replace(/[^\w\-.~$&+,/:;=@]/gu, byte)
}

const URLS: readonly Overload[] = [
  fn('url', 'string => kubernetes.URL', urlFrom),
  fn('isURL', 'string => bool', (text: string) => tryUrl(text) !== undefined),
  method('getScheme', 'kubernetes.URL => string', ({ url, text }: UrlValue) => (text.startsWith('/') ? '' : url.protocol.slice(0, -1))),
  method('getHost', 'kubernetes.URL => string', hostOf),
  method('getHostname', 'kubernetes.URL => string', (url: UrlValue) =>
    hostOf(url)
      .replace(/:\d*$/, '')
      .replace(/^\[(.*)\]$/, '$1'),
  ),
  method('getPort', 'kubernetes.URL => string', portOf),
  method('getEscapedPath', 'kubernetes.URL => string', escapedPath),
  method('getQuery', 'kubernetes.URL => map(string, list(string))', queryOf),
]

function ipOf(text: string): IpValue {
  const ip = ipFrom(text)
  if (!ip)
    throw new EvaluationError(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    )
  return ip
}

function cidrOf(text: string): CidrValue {
  const cidr = cidrFrom(text)
  if (!cidr)
    throw new EvaluationError(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no '/'`,
    )
  return cidr
}

const within = (cidr: CidrValue, ip: IpValue): boolean =>
  cidr.ip.family === ip.family && maskedIp(new CidrValue(ip, cidr.prefix)).bits === maskedIp(cidr).bits
const withinCidr = (outer: CidrValue, inner: CidrValue): boolean => inner.prefix >= outer.prefix && within(outer, inner.ip)
const inside = (ip: IpValue, ...networks: string[]): boolean => networks.some((n) => within(cidrFrom(n)!, ip))

const ADDRESSES: readonly Overload[] = [
  fn('ip', 'string => net.IP', ipOf),
  fn('isIP', 'string => bool', (text: string) => ipFrom(text) !== undefined),
  fn('ip.isCanonical', 'string => bool', (text: string) => ipText(ipOf(text)) === text),
  method('family', 'net.IP => int', ({ family }: IpValue) => BigInt(family)),
  method('isUnspecified', 'net.IP => bool', ({ bits }: IpValue) => bits === 0n),
  method('isLoopback', 'net.IP => bool', (ip: IpValue) => inside(ip, '127.0.0.0/8', '::1/128')),
  method('isLinkLocalMulticast', 'net.IP => bool', (ip: IpValue) => inside(ip, '224.0.0.0/24', 'ff02::/16')),
  method('isLinkLocalUnicast', 'net.IP => bool', (ip: IpValue) => inside(ip, '169.254.0.0/16', 'fe80::/10')),
  method(
    'isGlobalUnicast',
    'net.IP => bool',
    (ip: IpValue) =>
      ip.bits !== 0n &&
      !inside(ip, '255.255.255.255/32', '127.0.0.0/8', '::1/128', '224.0.0.0/4', 'ff00::/8', '169.254.0.0/16', 'fe80::/10'),
  ),
  fn('cidr', 'string => net.CIDR', cidrOf),
  fn('isCIDR', 'string => bool', (text: string) => cidrFrom(text) !== undefined),
  method('containsIP', 'net.CIDR, net.IP => bool', within),
  method('containsIP', 'net.CIDR, string => bool', (cidr: CidrValue, text: string) => within(cidr, ipOf(text))),
  method('containsCIDR', 'net.CIDR, net.CIDR => bool', withinCidr),
  method('containsCIDR', 'net.CIDR, string => bool', (cidr: CidrValue, text: string) => withinCidr(cidr, cidrOf(text))),
  method('ip', 'net.CIDR => net.IP', ({ ip }: CidrValue) => ip),
  method('masked', 'net.CIDR => net.CIDR', (cidr: CidrValue) => new CidrValue(maskedIp(cidr), cidr.prefix)),
  method('prefixLength', 'net.CIDR => int', ({ prefix }: CidrValue) => BigInt(prefix)),
  method('isMask', 'net.CIDR => bool', (cidr: CidrValue) => maskedIp(cidr).bits === cidr.ip.bits && cidr.prefix <= widthOf(cidr.ip)),
]

const prefixed = (check: (text: string) => readonly string[]) => (text: string) =>
  check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text)
const known = (name: string, fault: string) => (text: string) => (formatHolds(name, text) === false ? [fault] : [])

const FORMATS = new Map<string, (text: string) => readonly string[]>([
  ['dns1123Label', dns1123Label],
  ['dns1123Subdomain', dns1123Subdomain],
  ['dns1035Label', dns1035Label],
  ['qualifiedName', qualifiedName],
  ['dns1123LabelPrefix', prefixed(dns1123Label)],
  ['dns1123SubdomainPrefix', prefixed(dns1123Subdomain)],
  ['dns1035LabelPrefix', prefixed(dns1035Label)],
  ['labelValue', labelValue],
  ['uri', (text) => (tryUrl(text) ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`])],
  ['uuid', known('uuid', 'does not match the UUID format')],
  ['byte', known('byte', 'invalid base64')],
  ['date', known('date', 'invalid date')],
  ['datetime', known('date-time', 'invalid datetime')],
])

const named = (name: string): FormatValue => new FormatValue(name, FORMATS.get(name)!)

const NAMED_FORMATS: readonly Overload[] = [
  ...[...FORMATS.keys()].map((name) => fn(`format.${name}`, ' => kubernetes.NamedFormat', () => named(name))),
  fn('format.named', 'string => optional_type(kubernetes.NamedFormat)', (name: string) =>
    FORMATS.has(name) ? new Optional(named(name)) : Optional.NONE,
  ),
  method('validate', 'kubernetes.NamedFormat, string => optional_type(list(string))', (format: FormatValue, text: string) => {
    const faults = format.faults(text)
    return faults.length > 0 ? new Optional(faults) : Optional.NONE
  }),
]

function semverFrom(text: string, normalize = false): SemverValue {
  const version = parseSemver(text, normalize)
  if (typeof version === 'string') throw new EvaluationError(version)
  return version
}

const VERSIONS: readonly Overload[] = [
  fn('semver', 'string => kubernetes.Semver', semverFrom),
  fn('semver', 'string, bool => kubernetes.Semver', semverFrom),
  fn('isSemver', 'string => bool', (text: string) => typeof parseSemver(text) !== 'string'),
  fn('isSemver', 'string, bool => bool', (text: string, normalize: boolean) => typeof parseSemver(text, normalize) !== 'string'),
  method('major', 'kubernetes.Semver => int', ({ major }: SemverValue) => major),
  method('minor', 'kubernetes.Semver => int', ({ minor }: SemverValue) => minor),
  method('patch', 'kubernetes.Semver => int', ({ patch }: SemverValue) => patch),
  method('isLessThan', 'kubernetes.Semver, kubernetes.Semver => bool', (a: SemverValue, b: SemverValue) => compareSemver(a, b) < 0),
  method('isGreaterThan', 'kubernetes.Semver, kubernetes.Semver => bool', (a: SemverValue, b: SemverValue) => compareSemver(a, b) > 0),
  method('compareTo', 'kubernetes.Semver, kubernetes.Semver => int', (a: SemverValue, b: SemverValue) =>
    BigInt(Math.sign(compareSemver(a, b))),
  ),
]

export const KUBERNETES: readonly Overload[] = [...QUANTITIES, ...URLS, ...ADDRESSES, ...NAMED_FORMATS, ...VERSIONS]
