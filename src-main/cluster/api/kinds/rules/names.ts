/**
 * How Kubernetes checks names, labels and the like: each function takes a value and gives the messages of what is
 * wrong with it, none when it is fine. The wording, with its regular expressions and examples, is the API's.
 */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE = `(${QUALIFIED})?`
const CONFIG_KEY = '[-._a-zA-Z0-9]+'
const WILDCARD = `\\*\\.${SUBDOMAIN}`
const RELAXED_ENV_NAME = /^[ -<>-~]+$/

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`)
const isLabel = whole(LABEL)
const isSubdomain = whole(SUBDOMAIN)
const isLabel1035 = whole(LABEL_1035)
const isQualified = whole(QUALIFIED)
const isLabelValue = whole(LABEL_VALUE)
const isConfigKey = whole(CONFIG_KEY)
const isWildcard = whole(WILDCARD)

// Both count bytes; the API words it differently for labels than for names.
const maxLength = (n: number): string => `must be no more than ${n} characters`
const maxBytes = (n: number): string => `must be no more than ${n} bytes`

/** What a value must match, with examples and the expression. */
export function regexError(message: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`
  const list = examples.map((e) => `'${e}', `).join(' or ')
  return `${message} (e.g. ${list}regex used for validation is '${pattern}')`
}

const bytes = (s: string): number => Buffer.byteLength(s)

const LABEL_MESSAGE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
const SUBDOMAIN_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"

/** Checks an RFC 1123 label, such as the name of a container or a namespace. */
export function dns1123Label(value: string): string[] {
  const errors: string[] = []
  if (bytes(value) > 63) errors.push(maxLength(63))
  if (!isLabel.test(value)) {
    // What would be a good subdomain is told about its dots only.
    if (isSubdomain.test(value)) errors.push('must not contain dots')
    else errors.push(regexError(LABEL_MESSAGE, LABEL, 'my-name', '123-abc'))
  }
  return errors
}

/** Checks an RFC 1123 subdomain, the usual form of an object's name. */
export function dns1123Subdomain(value: string): string[] {
  const errors: string[] = []
  if (bytes(value) > 253) errors.push(maxLength(253))
  if (!isSubdomain.test(value)) errors.push(regexError(SUBDOMAIN_MESSAGE, SUBDOMAIN, 'example.com'))
  return errors
}

const UNDERSCORE_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const UNDERSCORE_SUBDOMAIN = `${UNDERSCORE_LABEL}(\\.${UNDERSCORE_LABEL})*`
const isUnderscoreSubdomain = whole(UNDERSCORE_SUBDOMAIN)

/** Checks a subdomain in which underscores are fine too, as in a DNS search path. */
export function dns1123SubdomainWithUnderscore(value: string): string[] {
  const errors: string[] = []
  if (bytes(value) > 253) errors.push(maxLength(253))
  if (!isUnderscoreSubdomain.test(value)) {
    const message =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character"
    errors.push(regexError(message, UNDERSCORE_SUBDOMAIN, 'example.com'))
  }
  return errors
}

/** Checks an RFC 1035 label, the form of a Service's name. */
export function dns1035Label(value: string): string[] {
  const errors: string[] = []
  if (bytes(value) > 63) errors.push(maxLength(63))
  if (!isLabel1035.test(value)) {
    errors.push(
      regexError(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        LABEL_1035,
        'my-name',
        'abc-123',
      ),
    )
  }
  return errors
}

/** Checks a subdomain whose first label is `*`. */
export function wildcardDns1123Subdomain(value: string): string[] {
  const errors: string[] = []
  if (bytes(value) > 253) errors.push(maxLength(253))
  if (!isWildcard.test(value)) {
    errors.push(
      regexError(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        WILDCARD,
        '*.example.com',
      ),
    )
  }
  return errors
}

const QUALIFIED_MESSAGE = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

/** Checks a qualified name: an optional DNS prefix, a slash, and a name. Label keys and resource names are such. */
export function qualifiedName(value: string): string[] {
  const errors: string[] = []
  const parts = value.split('/')
  let name = value
  if (parts.length === 2) {
    const prefix = parts[0]!
    name = parts[1]!
    if (prefix === '') errors.push('prefix part must be non-empty')
    else {
      if (bytes(prefix) > 253) errors.push(`prefix part ${maxBytes(253)}`)
      if (!isSubdomain.test(prefix)) errors.push(`prefix part ${regexError(SUBDOMAIN_MESSAGE, SUBDOMAIN, 'example.com')}`)
    }
  } else if (parts.length !== 1) {
    return [
      `a valid label key ${regexError(QUALIFIED_MESSAGE, QUALIFIED, 'MyName', 'my.name', '123-abc')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  if (name === '') errors.push('name part must be non-empty')
  else if (bytes(name) > 63) errors.push(`name part ${maxBytes(63)}`)
  if (!isQualified.test(name)) errors.push(`name part ${regexError(QUALIFIED_MESSAGE, QUALIFIED, 'MyName', 'my.name', '123-abc')}`)
  return errors
}

/** Checks the value of a label. */
export function labelValue(value: string): string[] {
  const errors: string[] = []
  if (bytes(value) > 63) errors.push(maxBytes(63))
  if (!isLabelValue.test(value)) {
    errors.push(
      regexError(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        LABEL_VALUE,
        'MyValue',
        'my_value',
        '12345',
      ),
    )
  }
  return errors
}

/** Checks the name of an environment variable: since 1.34 any printable ASCII but `=`. */
export function envVarName(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty']
  return RELAXED_ENV_NAME.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

/** Checks the key of a ConfigMap or Secret. */
export function configMapKey(value: string): string[] {
  const errors: string[] = []
  if (bytes(value) > 253) errors.push(maxLength(253))
  if (!isConfigKey.test(value)) {
    errors.push(
      regexError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        CONFIG_KEY,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    )
  }
  return [...errors, ...dotsOnly(value)]
}

function dotsOnly(value: string): string[] {
  if (value === '.') return ["must not be '.'"]
  if (value === '..') return ["must not be '..'"]
  if (value.startsWith('..')) return ["must not start with '..'"]
  return []
}

/** Checks what may stand in a path of the URL; names of RBAC objects follow only this. */
export function pathSegmentName(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  const errors: string[] = []
  for (const c of ['/', '%']) if (value.includes(c)) errors.push(`may not contain '${c}'`)
  return errors
}

/**
 * Checks a name that a suffix may be added to: the trailing dash of a `generateName` is left out of account, and with it
 * the character before it.
 */
export function withoutTrailingDash(check: (name: string) => string[], prefix: string): string[] {
  return check(prefix.endsWith('-') && prefix.length > 1 ? `${prefix.slice(0, -2)}a` : prefix)
}

/** Checks an HTTP header's name. */
export function httpHeaderName(value: string): string[] {
  return /^[-A-Za-z0-9]+$/.test(value)
    ? []
    : [regexError("a valid HTTP header must consist of alphanumeric characters or '-'", '[-A-Za-z0-9]+', 'X-Header-Name')]
}

/** Checks the name of a port as IANA has it: at most 15 lower case letters, digits and single dashes, with a letter. */
export function portName(value: string): string[] {
  const errors: string[] = []
  if (bytes(value) > 15) errors.push(maxLength(15))
  if (!/^[-a-z0-9]+$/.test(value)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)')
  if (value.includes('--')) errors.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

/** Whether a value is an RFC 1123 label, without messages. */
export const isDns1123Label = (value: string): boolean => bytes(value) <= 63 && isLabel.test(value)
/** Whether a value is an RFC 1123 subdomain, without messages. */
export const isDns1123Subdomain = (value: string): boolean => bytes(value) <= 253 && isSubdomain.test(value)
