/** The tags that an image has: those that the cluster itself lists, as an embedded one does, else those of its registry. */
import type { Session } from '../session/session.js'
import { readImage } from './reference.js'
import { registryTags } from './registry.js'

interface ListedImage {
  repositories?: string[]
  tags?: string[]
}

/** Rejects with the registry's own words. */
export async function imageTags(session: Session, name: string): Promise<string[]> {
  return (await listedTags(session, name)) ?? registryTags(name)
}

/** What `images.drydock.dev` says; undefined where the cluster has no such thing, or not this image, or does not let it be read. */
async function listedTags(session: Session, name: string): Promise<string[] | undefined> {
  const image = readImage(name)
  if (!image) return undefined
  try {
    const kinds = await session.kinds()
    if (!kinds.some((k) => k.group === 'drydock.dev' && k.resource === 'images')) return undefined
    const api = await session.api()
    const { items = [] } = await api.json<{ items?: ListedImage[] }>('/apis/drydock.dev/v1/images')
    return items.find((i) => i.repositories?.includes(`${image.registry}/${image.repository}`))?.tags
  } catch {
    // The registry may still know them.
    return undefined
  }
}
