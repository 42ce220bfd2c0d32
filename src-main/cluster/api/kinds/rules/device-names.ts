/** Names that drivers of devices, their pools, attributes and requests have. */
import { field, type FieldError } from '../../errors.js'
import { checkName, checkRequired } from './checks.js'
import { dns1123Subdomain, qualifiedName, regexError } from './names.js'

/** Bytes. */
const LONGEST_DRIVER = 63
const LONGEST_POOL = 253
const LONGEST_ID = 32

const C_IDENTIFIER = '[A-Za-z_][A-Za-z0-9_]*'
const isCIdentifier = new RegExp(`^${C_IDENTIFIER}$`)
const C_IDENTIFIER_MESSAGE =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'"

/** Checks the name of a driver, which is that of a CSI driver: a subdomain that may have capitals. */
export function checkDriverName(name: string | null | undefined, path: string, errors: FieldError[]): void {
  if (!checkRequired(name, path, errors)) return
  if (Buffer.byteLength(name!) > LONGEST_DRIVER) errors.push(field.tooLong(path, LONGEST_DRIVER))
  for (const why of dns1123Subdomain(name!.toLowerCase())) errors.push(field.invalid(path, name, why))
}

/** Checks the name of a pool: subdomains with slashes between them. */
export function checkPoolName(name: string | null | undefined, path: string, errors: FieldError[]): void {
  if (!checkRequired(name, path, errors)) return
  if (Buffer.byteLength(name!) > LONGEST_POOL) errors.push(field.tooLong(path, LONGEST_POOL))
  for (const part of name!.split('/')) checkName(dns1123Subdomain, part, path, errors)
}

/** Checks the name of an attribute or a capacity: an identifier, with a domain and a slash before it or without. */
export function checkAttributeName(name: string, path: string, errors: FieldError[]): void {
  const parts = name.split('/')
  if (parts.length > 2) {
    errors.push(field.invalid(path, name, 'must not contain more than one slash'))
    return
  }
  const [id = '', domain] = parts.reverse()
  if (domain === '') errors.push(field.invalid(path, '', 'the domain must not be empty'))
  else if (domain !== undefined) checkDriverName(domain, path, errors)
  if (domain !== undefined && id === '') errors.push(field.invalid(path, '', 'the name must not be empty'))
  else checkCIdentifier(id, path, errors)
}

/** Checks the name of an attribute that has to come with its domain. */
export function checkFullAttributeName(name: string, path: string, errors: FieldError[]): void {
  checkAttributeName(name, path, errors)
  if (!name.includes('/')) errors.push(field.invalid(path, name, 'a fully qualified name must be a domain and a name separated by a slash'))
}

function checkCIdentifier(id: string, path: string, errors: FieldError[]): void {
  if (Buffer.byteLength(id) > LONGEST_ID) errors.push(field.tooLong(path, LONGEST_ID))
  if (!isCIdentifier.test(id))
    errors.push(field.invalid(path, id, regexError(C_IDENTIFIER_MESSAGE, C_IDENTIFIER, 'my_name', 'MY_NAME', 'MyName')))
}

/** Checks the key of a taint or a toleration, or the type of a condition: what a label may be called. */
export const checkLabelKey = (key: string | null | undefined, path: string, errors: FieldError[]): void =>
  checkName(qualifiedName, key ?? '', path, errors)

/** Checks a UUID in its normal form. */
export function checkUid(uid: string, path: string, errors: FieldError[]): void {
  const plain = uid.replace(/^urn:uuid:/i, '').replace(/^\{(.*)\}$/, '$1')
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uid)) return
  const why = ![32, 36, 38, 45].includes(uid.length)
    ? `error validating uid: invalid UUID length: ${uid.length}`
    : /^[0-9a-f]{8}(-?)[0-9a-f]{4}(\1[0-9a-f]{4}){2}\1[0-9a-f]{12}$/i.test(plain)
      ? 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'
      : 'error validating uid: invalid UUID format'
  errors.push(field.invalid(path, uid, why))
}
