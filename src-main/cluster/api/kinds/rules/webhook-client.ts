/** How the API server is told to reach a webhook: a URL, or a Service. */
import { field, type FieldError } from '../../errors.js'
import { checkRequired } from './checks.js'
import { dns1123Subdomain } from './names.js'
import { unset, type Sent } from './sent.js'
import type * as k8s from '@kubernetes/client-node'

type ClientConfig = Sent<k8s.AdmissionregistrationV1WebhookClientConfig>

const URL_FORM = '; desired format: https://host[/path]'

/** Fills in the port of a Service, in place. */
export function setWebhookClientDefaults(client: ClientConfig | null | undefined): void {
  if (client?.service) client.service.port ??= 443
}

/** Checks where a webhook is: exactly one of a URL and a Service, each well formed. */
export function validateWebhookClient(client: ClientConfig, path: string, errors: FieldError[]): void {
  const hasUrl = client.url !== undefined && client.url !== null
  if (hasUrl === Boolean(client.service)) errors.push(field.required(path, 'exactly one of url or service is required'))
  else if (hasUrl) validateUrl(client.url!, `${path}.url`, errors)
  else validateService(client.service!, `${path}.service`, errors)
}

function validateUrl(text: string, path: string, errors: FieldError[]): void {
  // A URL that only lacks its scheme or host is told so, thus it is taken apart here rather than refused as a whole.
  const parts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text)
  if (!parts) {
    errors.push(field.required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${URL_FORM}`))
    return
  }
  const [, scheme = '', user, host = '', , query, fragment] = parts
  if (scheme.toLowerCase() !== 'https') errors.push(field.invalid(path, scheme, `'https' is the only allowed URL scheme${URL_FORM}`))
  if (!host) errors.push(field.invalid(path, host, `host must be specified${URL_FORM}`))
  if (user !== undefined) errors.push(field.invalid(path, user, 'user information is not permitted in the URL'))
  if (fragment) errors.push(field.invalid(path, fragment, 'fragments are not permitted in the URL'))
  if (query) errors.push(field.invalid(path, query, 'query parameters are not permitted in the URL'))
}

function validateService(s: NonNullable<ClientConfig['service']>, path: string, errors: FieldError[]): void {
  checkRequired(s.name, `${path}.name`, errors, 'service name is required')
  checkRequired(s.namespace, `${path}.namespace`, errors, 'service namespace is required')
  const port = s.port ?? 443
  if (port < 1 || port > 65535)
    errors.push(field.invalid(`${path}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive'))
  if (unset(s.path) || s.path === '/') return
  const at = `${path}.path`
  if (s.path === '//') {
    errors.push(field.invalid(at, s.path, 'segment[0] may not be empty'))
    return
  }
  if (!s.path.startsWith('/')) errors.push(field.invalid(at, s.path, "must start with a '/'"))
  const rest = s.path.slice(1)
  const steps = (rest.endsWith('/') ? rest.slice(0, -1) : rest).split('/')
  steps.forEach((step, i) => {
    if (!step) errors.push(field.invalid(at, s.path, `segment[${i}] may not be empty`))
    else for (const m of dns1123Subdomain(step)) errors.push(field.invalid(at, s.path, `segment[${i}]: ${m}`))
  })
}
