/** The files of a container, as a program in it sees them. */

/** A container of a pod. */
export interface ContainerPlace {
  context: string
  namespace: string
  pod: string
  container: string
}

/** One entry of a folder. */
export interface ContainerFile {
  name: string
  type: 'folder' | 'file' | 'link' | 'other'
  /** Bytes. */
  size: number
  /** When it was last written, ms since the epoch. */
  modified: number
  /** The permissions in octal digits: `644`. */
  mode: string
  owner: string
  group: string
  /** Where a link leads, as it is written in it. */
  target?: string
  /** A link that leads to a folder. */
  toFolder?: true
}

/** A folder, its entries in no order. */
export interface ContainerFolder {
  /** Its path, absolute. */
  path: string
  files: ContainerFile[]
  /** There are more entries than these. */
  cut: boolean
}

/** The beginning of a file. */
export interface ContainerFileText {
  bytes: Uint8Array
  /** The file is longer. */
  cut: boolean
}

export interface FileCalls {
  /** What is in a folder, by the container's own `sh` and `stat`. Rejects with `NoShell` where it has none. */
  'files.list': (p: ContainerPlace & { path: string }) => ContainerFolder
  /** The first MiB of a file, by the container's own `head`. */
  'files.read': (p: ContainerPlace & { path: string }) => ContainerFileText
}
