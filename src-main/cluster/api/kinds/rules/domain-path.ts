/** Names such as `acme.io/foo`: a DNS subdomain, a slash, and what the owner of the domain makes of it. */
import { field, type FieldError } from '../../errors.js'
import { dns1123Subdomain } from './names.js'

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const isHttpPath = new RegExp(`^${HTTP_PATH}$`)

/** Adds what is wrong with a domain-prefixed path. */
export function checkDomainPath(value: string, path: string, errors: FieldError[]): void {
  if (value === '') {
    errors.push(field.required(path))
    return
  }
  const slash = value.indexOf('/')
  if (slash <= 0 || slash === value.length - 1) {
    errors.push(field.invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")'))
    return
  }
  const host = value.slice(0, slash)
  for (const m of dns1123Subdomain(host)) errors.push(field.invalid(path, host, m))
  const rest = value.slice(slash + 1)
  if (!isHttpPath.test(rest)) errors.push(field.invalid(path, rest, `Invalid path (regex used for validation is '${HTTP_PATH}')`))
}
