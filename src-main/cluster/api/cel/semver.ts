/** Semantic versions as Kubernetes' CEL library reads them, with the messages of the parser that it uses. https://semver.org */
import { SemverValue } from './values.js'

/**
 * Reads a semantic version.
 * @param normalize whether a leading `v`, missing parts and leading zeros are let pass
 * @returns the version, or what is wrong
 */
export function parseSemver(text: string, normalize = false): SemverValue | string {
  const source = normalize ? normalized(text) : text
  if (source === '') return 'Version string empty'
  const [major, minor, ...others] = source.split('.')
  if (minor === undefined || others.length === 0) return 'No Major.Minor.Patch elements found'
  const [, patch = '', prerelease, build] = /^([^-+]*)(?:-([^+]*))?(?:\+(.*))?$/s.exec(others.join('.'))!
  const parts = prerelease?.split('.') ?? []
  const fault =
    numberFault(major!, 'major') ??
    numberFault(minor, 'minor') ??
    numberFault(patch, 'patch') ??
    firstOf(parts, prereleaseFault) ??
    firstOf(build?.split('.') ?? [], buildFault)
  return fault ?? new SemverValue(BigInt(major!), BigInt(minor), BigInt(patch), parts)
}

function normalized(text: string): string {
  const [, core = '', rest = ''] = /^v?([\d.]*)(.*)$/s.exec(text)!
  const parts = core.split('.').map((p) => p.replace(/^0+(?=\d)/, ''))
  while (parts.length < 3) parts.push('0')
  return parts.join('.') + rest
}

function firstOf(parts: readonly string[], fault: (part: string) => string | undefined): string | undefined {
  for (const part of parts) {
    const found = fault(part)
    if (found) return found
  }
  return undefined
}

const hasLeadingZero = (text: string): boolean => text.length > 1 && text.startsWith('0')
const quoted = (text: string): string => JSON.stringify(text)

function numberFault(text: string, part: 'major' | 'minor' | 'patch'): string | undefined {
  if (!/^\d+$/.test(text)) return `Invalid character(s) found in ${part} number ${quoted(text)}`
  const name = part[0]!.toUpperCase() + part.slice(1)
  return hasLeadingZero(text) ? `${name} number must not contain leading zeroes ${quoted(text)}` : undefined
}

function prereleaseFault(text: string): string | undefined {
  if (text === '') return 'Prerelease is empty'
  if (/^\d+$/.test(text)) {
    return hasLeadingZero(text) ? `Numeric PreRelease version must not contain leading zeroes ${quoted(text)}` : undefined
  }
  return /^[0-9A-Za-z-]+$/.test(text) ? undefined : `Invalid character(s) found in prerelease ${quoted(text)}`
}

function buildFault(text: string): string | undefined {
  if (text === '') return 'Build meta data is empty'
  return /^[0-9A-Za-z-]+$/.test(text) ? undefined : `Invalid character(s) found in build meta data ${quoted(text)}`
}
