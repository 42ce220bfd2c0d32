/** Images for containers: those that are known, and the tags that a registry has. */
import type { ObjectRef } from './resources.js'

export interface ImageCalls {
  /** Images that the containers of an object may be given: of its revisions, of the pods of its namespace, of nodes. With tags, as people write them. */
  'images.known': (p: { context: string; ref: ObjectRef }) => string[]
  /** The tags that the registry of an image has, asked over the network without a login; the highest first. */
  'images.tags': (p: { image: string }) => string[]
}
