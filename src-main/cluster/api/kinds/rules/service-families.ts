/**
 * Addresses of Services and the families they are of. This cluster has IPv4 only.
 * https://kubernetes.io/docs/concepts/services-networking/dual-stack/
 */
import { field, type FieldError } from '../../errors.js'
import type { Service } from '../../object.js'
import { checkGiven, collect } from './checks.js'
import { checkIP, isIPv6Address } from './ip.js'
import { isEmpty, strings } from './sent.js'
import { isHeadless, needsClusterIP } from './service-shape.js'

type Spec = NonNullable<Service['spec']>

const familyOf = (ip: string): string => (isIPv6Address(ip) ? 'IPv6' : 'IPv4')

/** Whether the endpoints are the client's own, of any family. */
const isSelectorless = (spec: Spec): boolean => spec.clusterIP === 'None' && isEmpty(spec.selector)

/** Fills in families and policy of a Service with a cluster IP, in place. Gives what the client has to change first. */
export function settleFamilies(spec: Spec, old: Spec | undefined): FieldError[] {
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (isSelectorless(spec) ? 'RequireDualStack' : 'SingleStack')
  const malformed = collect((errors) => validateClusterIPs(spec, errors))
  if (malformed.length) return malformed

  const mismatched = collect((errors) => inferFamilies(spec, old, errors))
  if (mismatched.length) return mismatched
  const families = strings(spec.ipFamilies)
  if (isSelectorless(spec)) {
    if (families.length === 0) families.push('IPv4')
    if (families.length < 2 && spec.ipFamilyPolicy !== 'SingleStack') families.push(families[0] === 'IPv4' ? 'IPv6' : 'IPv4')
    spec.ipFamilies = families
    return []
  }
  const errors: FieldError[] = []
  if (spec.ipFamilyPolicy === 'RequireDualStack')
    errors.push(field.invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'))
  families.forEach((f, i) => {
    if (f !== 'IPv4') errors.push(field.invalid(`spec.ipFamilies[${i}]`, f, 'not configured on this cluster'))
  })
  if (errors.length === 0 && families.length === 0) spec.ipFamilies = ['IPv4']
  return errors
}

/** Takes the families from addresses that are named, when the policy allows for their number. */
function inferFamilies(spec: Spec, old: Spec | undefined, errors: FieldError[]): void {
  const policy = 'spec.ipFamilyPolicy'
  const refuse = (text: string): void => void errors.push(field.invalid(policy, spec.ipFamilyPolicy, text))
  const before = strings(old?.ipFamilies)
  const given = strings(spec.ipFamilies)
  if (spec.ipFamilyPolicy === 'SingleStack') {
    // That is asking for the second family to be given up.
    if (given.length > 1 && given.join() === before.join()) spec.ipFamilies = [given[0]!]
    const multiple = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
    if (spec.clusterIPs?.length === 2) refuse(`${multiple} cluster IPs are specified`)
    if (spec.ipFamilies?.length === 2) refuse(`${multiple} IP families are specified`)
  } else if (given.length && given.length < before.length && given[0] === before[0]) {
    refuse("must be 'SingleStack' to release the secondary IP family")
  }
  if (isHeadless(spec)) return
  strings(spec.clusterIPs).forEach((ip, i) => {
    if (i < (spec.ipFamilies?.length ?? 0)) return
    const family = familyOf(ip)
    if (family === 'IPv4') spec.ipFamilies = [...strings(spec.ipFamilies), family]
    else errors.push(field.invalid(`spec.clusterIPs[${i}]`, spec.clusterIPs, `${family} is not configured on this cluster`))
  })
}

/** Checks addresses, families and policy as the client sent them. */
export function validateClusterIPs(spec: Spec, errors: FieldError[]): void {
  if (!needsClusterIP(spec)) return
  const at = 'spec.clusterIPs'
  const ips = strings(spec.clusterIPs)
  if (spec.clusterIP) {
    if (ips.length === 0) errors.push(field.required(at))
    else if (ips[0] !== spec.clusterIP) errors.push(field.invalid(at, ips, 'first value must match `clusterIP`'))
  } else if (ips.length) errors.push(field.invalid(at, ips, 'must be empty when `clusterIP` is not specified'))

  const families = strings(spec.ipFamilies)
  families.forEach((f, i) => {
    if (!['IPv4', 'IPv6'].includes(f)) errors.push(field.notSupported(`spec.ipFamilies[${i}]`, f, ['IPv4', 'IPv6']))
    if (families.indexOf(f) < i) errors.push(field.duplicate(`spec.ipFamilies[${i}]`, f))
  })
  checkGiven(spec.ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack'], 'spec.ipFamilyPolicy', errors)

  let wrong = false
  ips.forEach((ip, i) => {
    if (i === 0 && ip === 'None') {
      if (ips.length === 1) return
      wrong = true
      errors.push(field.invalid(at, ips, "'None' must be the first and only value"))
    } else if (!checkIP(ip, `${at}[${i}]`, errors)) wrong = true
  })
  if (ips.length > 2) errors.push(field.invalid(at, ips, 'may only hold up to 2 values'))
  if (wrong) return
  // Two of them must be of both families; more are refused by their number alone when both families are among them.
  if (ips.length > 1 && new Set(ips.map(familyOf)).size < 2)
    errors.push(field.invalid(at, ips, 'may specify no more than one IP for each IP family'))
  if (isHeadless(spec)) return
  ips.forEach((ip, i) => {
    const family = families[i]
    if ((family === 'IPv4' || family === 'IPv6') && family !== familyOf(ip))
      errors.push(field.invalid(`${at}[${i}]`, ip, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``))
  })
}
