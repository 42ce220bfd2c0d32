/** Which API group and version an OpenAPI definition belongs to. */

/** Packages of `io.k8s.api` whose group has a longer name than the package. */
const FULL_NAMES: Readonly<Record<string, string>> = {
  core: '',
  admissionregistration: 'admissionregistration.k8s.io',
  apiextensions: 'apiextensions.k8s.io',
  apiregistration: 'apiregistration.k8s.io',
  authentication: 'authentication.k8s.io',
  authorization: 'authorization.k8s.io',
  certificates: 'certificates.k8s.io',
  coordination: 'coordination.k8s.io',
  discovery: 'discovery.k8s.io',
  events: 'events.k8s.io',
  flowcontrol: 'flowcontrol.apiserver.k8s.io',
  networking: 'networking.k8s.io',
  node: 'node.k8s.io',
  rbac: 'rbac.authorization.k8s.io',
  resource: 'resource.k8s.io',
  scheduling: 'scheduling.k8s.io',
  storage: 'storage.k8s.io',
}

/** A definition's parts: `io.k8s.api.apps.v1.Deployment` is group `apps`, version `v1`, kind `Deployment`. */
export function groupVersionKindOf(definition: string): { group: string; version: string; kind: string } {
  const parts = definition.split('.')
  const [pkg = '', version = '', kind = ''] = parts.slice(-3)
  return { group: FULL_NAMES[pkg] ?? pkg, version, kind }
}

/** The internal Go package of a definition, as conversions name it: `core`, `apps`. */
export function packageOf(definition: string): string {
  return definition.split('.').at(-3) ?? ''
}

/** `apps/v1`, or `v1` in the core group. */
export function apiVersionOf(group: string, version: string): string {
  return group ? `${group}/${version}` : version
}

/** The parts of an `apiVersion`: that of the core group has no slash. */
export function groupVersionOf(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}
