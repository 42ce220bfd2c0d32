/** What the name of an image says, by the rules of https://github.com/distribution/reference that kubelets follow. */

/** An image's name in its parts. */
export interface ImageReference {
  /** `docker.io`, `quay.io`, `localhost:5000`. */
  registry: string
  /** As the registry has it: `library/nginx`. */
  repository: string
  /** As people write it, without a tag: `nginx`, `quay.io/org/app`. */
  short: string
  /** Empty when none is given. */
  tag: string
}

const PATTERN = /^((?:[a-z0-9.:_/-]|[A-Z])+?)(?::(\w[\w.-]{0,127}))?(?:@[\w+.-]+:[0-9a-fA-F]+)?$/

/** Reads an image's name; nothing where it is none. */
export function readImage(text: string): ImageReference | undefined {
  const [, name, tag = ''] = PATTERN.exec(text.trim()) ?? []
  if (!name || name.endsWith('/') || name.endsWith(':')) return undefined
  const [first = '', ...rest] = name.split('/')
  const named = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const registry = named ? (first === 'index.docker.io' ? 'docker.io' : first) : 'docker.io'
  const path = (named ? rest : [first, ...rest]).join('/')
  if (path.includes(':')) return undefined
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path
  const short = registry === 'docker.io' ? repository.replace(/^library\//, '') : `${registry}/${repository}`
  return { registry, repository, short, tag }
}
