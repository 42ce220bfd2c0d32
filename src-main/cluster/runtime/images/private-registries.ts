/** Registries that want a login before they give an image. */
import { ImageError, type RegistryLogin } from '../cri.js'
import { parseReference } from './reference.js'

/** What opens a registry, by its host or host and path. */
const logins = new Map<string, { username: string; password: string }>()

/** What Kubernetes' own tests pull with a login of their own: any login opens it. */
const CLOSED_FOR_TESTS = ['gcr.io/authenticated-image-pulling', 'gcr.io/k8s-authenticated-test']

/** A registry as logins name it, without scheme and version: `https://index.docker.io/v1/` is `docker.io`. */
function registryOf(name: string): string {
  const bare = name
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/+$/, '')
  return bare === 'index.docker.io' || bare === 'registry-1.docker.io' ? 'docker.io' : bare
}

/** Makes a registry (`registry.example.com`, or a path in one) private from now on. */
export function requireLogin({ registry, username, password }: RegistryLogin): void {
  logins.set(registryOf(registry), { username, password })
}

/** Lets everybody pull from a registry again. */
export function requireNoLogin(registry: string): void {
  logins.delete(registryOf(registry))
}

/** Whether a name of a login, which may have `*` for one part of the host, means a repository. */
function means(name: string, repository: string): boolean {
  const [host = '', ...path] = registryOf(name).split('/')
  const [ownHost = '', ...ownPath] = repository.split('/')
  const parts = host.split('.')
  const ownParts = ownHost.split('.')
  return (
    parts.length === ownParts.length &&
    parts.every((part, i) => part === '*' || part === ownParts[i]) &&
    path.every((part, i) => part === ownPath[i])
  )
}

/**
 * Asks whether an image may be pulled with these logins. Throws {@link ImageError} in containerd's wording when its
 * registry wants another one.
 */
export function authorizePull(reference: string, given: readonly RegistryLogin[] = []): void {
  const forTests = CLOSED_FOR_TESTS.some((name) => reference.startsWith(`${name}/`))
  if (logins.size === 0 && !forTests) return
  const { repository, text, tag, digest } = parseReference(reference)
  const wanted = [...logins].filter(([registry]) => means(registry, repository)).sort(([a], [b]) => b.length - a.length)[0]
  if (!wanted && !forTests) return
  const tried = given.filter((login) => means(login.registry, repository))
  if (tried.some((t) => !wanted || (t.username === wanted[1].username && t.password === wanted[1].password))) return
  const [host, ...path] = repository.split('/')
  const why =
    tried.length === 0
      ? 'pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials'
      : `unexpected status from HEAD request to https://${host}/v2/${path.join('/')}/manifests/${digest ?? tag}: 401 Unauthorized`
  throw new ImageError('ErrImagePull', `failed to pull and unpack image "${text}": failed to resolve reference "${text}": ${why}`)
}
