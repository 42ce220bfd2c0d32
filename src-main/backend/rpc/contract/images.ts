/** Images for containers: those that are known, and the tags that a registry has. */
import type { ObjectRef } from './resources.js'

export interface ImageCalls {
  /** Images that the containers of an object may be given: of its revisions, of the pods of its namespace, of nodes. With tags, as people write them. */
  'images.known': (p: { context: string; ref: ObjectRef }) => string[]
  /**
   * The tags of an image, the highest first: those that the cluster lists, as an embedded one does, else those of its registry, asked over
   * the network without a login.
   */
  'images.tags': (p: { context: string; image: string }) => string[]
}
