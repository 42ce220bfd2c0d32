/** The catalogue as a resource of the API: `images.drydock.dev`, so that clients can ask which tags an image has. */
import { notFound } from '../../api/errors.js'
import { image, type ImageObject } from '../../api/kinds/image.js'
import type { Kind } from '../../api/kinds/kind.js'
import { families, missingImages } from './catalogue.js'
import type { ImageFamily } from './image.js'

/** `nginx` of `docker.io/library/nginx`, `luksa.kubia` of `docker.io/luksa/kubia`. */
const nameOf = (repository: string): string =>
  repository
    .replace(/^docker\.io\/(library\/)?/, '')
    .replaceAll('/', '.')
    .replaceAll('_', '-')

/** What can be pulled of a family now: nothing of what is marked as missing. */
function imageObject({ repositories, tags }: ImageFamily): ImageObject | undefined {
  const missing = missingImages()
  const [first = ''] = repositories
  const there = repositories.filter((repository) => !missing.has(repository))
  if (there.length === 0) return undefined
  return {
    kind: image.kind,
    apiVersion: `${image.group}/${image.version}`,
    metadata: { name: nameOf(first) },
    repositories: there,
    tags: tags.filter((tag) => !missing.has(`${there[0]}:${tag}`)),
  }
}

/** The kind to add to an API server. */
export function imageCatalogue(): Kind {
  const objects = (): ImageObject[] =>
    families.flatMap((family) => imageObject(family) ?? []).sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
  return {
    ...image,
    objects: {
      get(_namespace, name) {
        const found = objects().find((o) => o.metadata.name === name)
        if (!found) throw notFound({ group: image.group, resource: image.plural }, name)
        return found
      },
      list: objects,
    },
  }
}
