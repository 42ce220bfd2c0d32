/** Variables that the configuration computes from others: `map`, `geo` and `split_clients`. */
import { parseIPv4 } from '../../../network/addresses.js'
import { boundedRegExp } from '../../programs/guarded-regexp.js'
import { ConfigError, type Directive } from './conf.js'

/** Gives a variable its value from what `expand` makes of texts with variables; `capture` takes the groups that matched. */
export type Compute = (expand: (text: string) => string, capture: (groups: RegExpMatchArray) => void) => string

/** The variables of the http (or stream) block, by name. Throws {@link ConfigError} in nginx' words. */
export function computedOf(block: readonly Directive[]): Map<string, Compute> {
  const found = new Map<string, Compute>()
  const makers: Readonly<Record<string, (d: Directive) => Compute>> = { map: mapOf, geo: geoOf, split_clients: splitOf }
  for (const d of block) {
    const make = makers[d.name]
    if (!make) continue
    const variable = d.args.at(-1) ?? ''
    if (!variable.startsWith('$')) throw new ConfigError(`invalid variable name "${variable}"`, d)
    found.set(variable.slice(1), make(d))
  }
  return found
}

/** `map $a $b { … }` (https://nginx.org/en/docs/http/ngx_http_map_module.html). */
function mapOf(d: Directive): Compute {
  const [source = ''] = d.args
  const exact = new Map<string, string>()
  const names: { pattern: string; value: string }[] = []
  const patterns: { regex: RegExp; value: string }[] = []
  let otherwise = ''
  let hostnames = false
  for (const entry of d.block ?? []) {
    const [value] = entry.args
    if (value === undefined && (entry.name === 'hostnames' || entry.name === 'volatile')) hostnames ||= entry.name === 'hostnames'
    else if (value === undefined || entry.args.length > 1) throw new ConfigError('invalid number of the map parameters', entry)
    else if (entry.name === 'default') otherwise = value
    else if (entry.name.startsWith('~')) patterns.push({ regex: regexOf(entry.name, entry), value })
    else if (hostnames && /^\*?\.|\.\*$/.test(entry.name)) names.push({ pattern: entry.name.toLowerCase(), value })
    else {
      const key = entry.name.replace(/^\\/, '').toLowerCase()
      if (exact.has(key)) throw new ConfigError(`conflicting parameter "${entry.name}"`, entry)
      exact.set(key, value)
    }
  }
  return (expand, capture) => {
    const text = expand(source)
    const key = text.toLowerCase()
    const plain = exact.get(hostnames ? key.replace(/\.$/, '') : key) ?? byName(names, key)
    if (plain !== undefined) return expand(plain)
    for (const { regex, value } of patterns) {
      const match = regex.exec(text)
      if (!match) continue
      capture(match)
      return expand(value)
    }
    return expand(otherwise)
  }
}

function regexOf(pattern: string, d: Directive): RegExp {
  const [, caseless, text] = /^~(\*?)(.*)$/s.exec(pattern)!
  return patternOf(text!, caseless ? 'i' : '', d)
}

/** A regular expression of the configuration. Throws {@link ConfigError} in nginx' words. */
export function patternOf(text: string, flags: string, where: Directive): RegExp {
  try {
    return boundedRegExp(text.replaceAll('(?P<', '(?<'), flags)
  } catch (error) {
    const { message } = error as Error
    const why = /Unterminated group/.test(message)
      ? 'missing closing parenthesis'
      : /Unterminated character class/.test(message)
        ? 'missing terminating ] for character class'
        : /Nothing to repeat/.test(message)
          ? 'quantifier does not follow a repeatable item'
          : /Unmatched '\)'/.test(message)
            ? 'unmatched closing parenthesis'
            : 'invalid pattern'
    throw new ConfigError(`pcre2_compile() failed: ${why} in "${text}"`, where)
  }
}

/** The value of the longest mask of host names that fits. */
function byName(names: readonly { pattern: string; value: string }[], host: string): string | undefined {
  const fits = names.filter(({ pattern }) =>
    pattern.endsWith('.*')
      ? host.startsWith(pattern.slice(0, -1))
      : pattern.startsWith('*.')
        ? host.endsWith(pattern.slice(1))
        : host === pattern.slice(1) || host.endsWith(pattern),
  )
  return fits.sort((a, b) => b.pattern.length - a.pattern.length)[0]?.value
}

/** `geo [$address] $b { … }` (https://nginx.org/en/docs/http/ngx_http_geo_module.html). */
function geoOf(d: Directive): Compute {
  const source = d.args.length > 1 ? d.args[0]! : '$remote_addr'
  const blocks: { from: number; to: number; value: string }[] = []
  const ranges = (d.block ?? []).some(({ name, args }) => name === 'ranges' && args.length === 0)
  let otherwise = ''
  for (const entry of d.block ?? []) {
    const [value] = entry.args
    if (entry.name === 'ranges' && value === undefined) continue
    if (value === undefined || entry.args.length > 1) throw new ConfigError('invalid number of the geo parameters', entry)
    if (entry.name === 'default') otherwise = value
    else if (entry.name === 'proxy' || entry.name === 'delete' || entry.name.includes(':')) continue
    else blocks.push({ ...(ranges ? rangeOf(entry) : networkOf(entry)), value })
  }
  // The smallest block is the longest prefix.
  blocks.sort((a, b) => a.to - a.from - (b.to - b.from))
  return (expand) => {
    const address = parseIPv4(expand(source)) ?? 0xffffffff
    return blocks.find(({ from, to }) => address >= from && address <= to)?.value ?? otherwise
  }
}

function networkOf(d: Directive): { from: number; to: number } {
  const [address = '', bits = '32'] = d.name.split('/')
  const from = parseIPv4(address)
  if (from === undefined || !/^\d+$/.test(bits) || Number(bits) > 32) throw new ConfigError(`invalid network "${d.name}"`, d)
  const size = 2 ** (32 - Number(bits))
  const start = Math.floor(from / size) * size
  return { from: start, to: start + size - 1 }
}

function rangeOf(d: Directive): { from: number; to: number } {
  const [first, last] = d.name.split('-').map(parseIPv4)
  if (first === undefined || last === undefined) throw new ConfigError(`invalid range "${d.name}"`, d)
  return { from: first, to: last }
}

/** `split_clients "$a" $b { … }` (https://nginx.org/en/docs/http/ngx_http_split_clients_module.html). */
function splitOf(d: Directive): Compute {
  const parts: { below: number; value: string }[] = []
  let sum = 0
  for (const entry of d.block ?? []) {
    const [value = ''] = entry.args
    const percent = /^(\d{1,3}(?:\.\d{1,2})?)%$/.exec(entry.name)?.[1]
    if (entry.name !== '*' && (percent === undefined || Number(percent) === 0))
      throw new ConfigError(`invalid percent value "${entry.name}"`, entry)
    sum += Number(percent ?? 0)
    if (sum > 100) throw new ConfigError('percent total is greater than 100%', d)
    parts.push({ below: entry.name === '*' ? Infinity : Math.floor((sum * 0xffffffff) / 100), value })
  }
  return (expand) => {
    const hash = murmur(Buffer.from(expand(d.args[0] ?? '')))
    return expand(parts.find(({ below }) => hash < below)?.value ?? '')
  }
}

/** MurmurHash2 with a seed of 0. */
function murmur(data: Buffer): number {
  const factor = 0x5bd1e995
  let hash = data.length
  let i = 0
  for (; i + 4 <= data.length; i += 4) {
    let k = Math.imul(data.readUInt32LE(i), factor)
    k = Math.imul(k ^ (k >>> 24), factor)
    hash = Math.imul(hash, factor) ^ k
  }
  if (i < data.length) {
    for (let j = data.length - 1; j >= i; j--) hash ^= data[j]! << (8 * (j - i))
    hash = Math.imul(hash, factor)
  }
  hash = Math.imul(hash ^ (hash >>> 13), factor)
  return (hash ^ (hash >>> 15)) >>> 0
}
