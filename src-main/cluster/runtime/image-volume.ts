/** The files of an image as a volume: nobody writes them, and what is not in them cannot be mounted. */
import type { Clock } from '../clock.js'
import { DirectoryNode, FileNode, Tree } from './tree.js'
import { TreeVolume } from './volume.js'

/** Where containerd would have it, for messages. */
const DIRECTORY = '/var/lib/containerd/io.containerd.grpc.v1.cri/image-volumes'

export class ImageVolume extends TreeVolume {
  /**
   * @param reference the image, normalised
   * @param layer its files; none for an image of which nothing is known
   */
  constructor(
    clock: Clock,
    readonly reference: string,
    layer: DirectoryNode | undefined,
  ) {
    const tree = new Tree(clock, layer ? { layer } : {})
    super(clock, '', undefined, undefined, { tree, node: tree.root })
  }

  override prepareSubPath(): void {
    // It is there, or the runtime refuses to mount it.
  }

  override at(path: string): DirectoryNode | FileNode {
    const found = this.lookUp(path)
    if (found instanceof DirectoryNode || found instanceof FileNode) return found
    const why = `failed to ensure image subpath "${path}" in "${DIRECTORY}": no such file or directory`
    throw new Error(`failed to mount image volume: ImageVolumeMountFailed: ${why}`)
  }
}
