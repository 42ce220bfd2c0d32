/** Image references as the runtime (containerd) reads them: `nginx` is `docker.io/library/nginx:latest`. */
import { ImageError } from '../cri.js'

export interface Reference {
  /** Registry and path, such as `docker.io/library/nginx`. */
  repository: string
  /** `latest` when neither tag nor digest is given; undefined with a digest alone. */
  tag: string | undefined
  /** Such as `sha256:…`. */
  digest: string | undefined
  /** All of it, normalised. */
  text: string
}

const HOST = /^(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::\d+)?$/
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/

/** Reads a reference as it stands in a pod. Throws {@link ImageError} InvalidImageName in the kubelet's wording. */
export function parseReference(text: string): Reference {
  const invalid = (why = ''): ImageError =>
    new ImageError('InvalidImageName', `couldn't parse image name ${JSON.stringify(text)}: invalid reference format${why}`)
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  let name = at < 0 ? text : text.slice(0, at)
  const colon = name.lastIndexOf(':')
  let tag: string | undefined
  if (colon > name.lastIndexOf('/')) {
    tag = name.slice(colon + 1)
    name = name.slice(0, colon)
  }
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasHost = first !== '' && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  const host = hasHost ? first : 'docker.io'
  let path = hasHost ? name.slice(slash + 1) : name
  if (host === 'docker.io' || host === 'index.docker.io') path = path.includes('/') ? path : `library/${path}`
  if (PATH.test(path.toLowerCase()) && !PATH.test(path)) throw invalid(`: repository name (${path}) must be lowercase`)
  if (!HOST.test(host) || !PATH.test(path) || (tag !== undefined && !TAG.test(tag)) || (digest !== undefined && !DIGEST.test(digest)))
    throw invalid()
  const repository = `${host === 'index.docker.io' ? 'docker.io' : host}/${path}`
  if (tag === undefined && digest === undefined) tag = 'latest'
  return { repository, tag, digest, text: `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}` }
}
