/** A raw block volume as containers find it: as many bytes as it has, in no file system (`volumeMode: Block`). */
import { systemError } from './errors.js'
import { LONGEST_LINE } from './open-file.js'
import { RegularFile } from './regular-file.js'
import { DeviceNode, type FileNode, type Tree } from './tree.js'

/** The first of the numbers that Linux gives to devices of its own choosing. */
const MAJOR = 252
const ROOT_ONLY = 0o660
/** The most bytes that one call reads: what was never written takes no room on the volume, but it does here. */
const MOST_AT_ONCE = 16 * 1024 ** 2

/** The open device. What was never written of it reads as zeros. */
class BlockDevice extends RegularFile {
  constructor(
    node: FileNode,
    private readonly owner: Tree,
    path: string,
    private readonly device: { readonly bytes: number; readonly readOnly: boolean },
  ) {
    super(node, owner, path, { read: true, write: !device.readOnly, append: false })
  }

  override async read(max: number): Promise<Uint8Array> {
    const part = new Uint8Array(Math.max(0, Math.min(max, MOST_AT_ONCE, this.device.bytes - this.position)))
    part.set(this.node.content.subarray(this.position, this.position + part.length))
    this.position += part.length
    return part
  }

  override async readLine(): Promise<Uint8Array> {
    const newline = this.node.content.indexOf(10, this.position)
    const length = (newline < 0 ? this.device.bytes : newline + 1) - this.position
    if (length > LONGEST_LINE) throw systemError('ENOMEM')
    return this.read(length)
  }

  override async write(data: Uint8Array): Promise<void> {
    if (this.device.readOnly) throw systemError('EPERM')
    const part = data.subarray(0, Math.max(0, this.device.bytes - this.position))
    this.owner.write(this.node, part, this.position)
    this.position += part.length
    if (part.length < data.length) throw systemError('ENOSPC')
  }
}

/**
 * The file of a block device.
 *
 * @param tree of the container's own devices
 * @param content what holds the bytes, in the tree of its volume
 * @param minor which of the container's block devices it is
 */
export function blockDevice(
  tree: Tree,
  content: { readonly tree: Tree; readonly node: FileNode },
  path: string,
  minor: number,
  device: { readonly bytes: number; readonly readOnly: boolean },
): DeviceNode {
  const open = (): BlockDevice => new BlockDevice(content.node, content.tree, path, device)
  return new DeviceNode(tree.inode(), ROOT_ONLY, tree.clock.now(), MAJOR, minor, open, true)
}
