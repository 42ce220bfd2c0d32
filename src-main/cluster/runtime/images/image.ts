/**
 * The contract of the image catalogue: ONE FOLDER PER IMAGE, each exporting one {@link ImageFamily}; `catalogue.ts`
 * lists them and resolves references. An image is files plus programs: a program is a TypeScript function that stands
 * at a path of the file tree, as an executable would.
 */
import type { Program } from '../process.js'

/** What a file of an image is. Text and bytes are plain files; a program is an executable. */
export type ImageFile =
  | string
  | Uint8Array
  | { data: string | Uint8Array; mode?: number; uid?: number; gid?: number }
  | { program: Program; mode?: number }
  | { symlink: string }
  | { directory: true; mode?: number; uid?: number; gid?: number }

/** One image: what a tag of a family resolves to. */
export interface Image {
  entrypoint?: readonly string[]
  cmd?: readonly string[]
  env?: Readonly<Record<string, string>>
  workingDir?: string
  /** uid[:gid] or a name from its /etc/passwd; root when left out. */
  user?: string
  exposedPorts?: readonly number[]
  /** SIGTERM when left out. */
  stopSignal?: 'TERM' | 'QUIT' | 'INT'
  /** Compressed bytes that a pull transfers. */
  size: number
  /** Absolute path to content. Made once per image and shared, copy-on-write, by all its containers. */
  files(): Readonly<Record<string, ImageFile>>
  /** Memory in bytes right after start, before programs account for their own. */
  baseMemory?: number
}

/** All tags of one repository. */
export interface ImageFamily {
  /** Normalised repositories, such as `docker.io/library/nginx`. */
  repositories: readonly string[]
  /** Tags that it has, the newest first: those that people ask for, where there are others for the same image. */
  tags: readonly string[]
  /** The image of a tag; undefined when the tag does not exist in the registry. `latest` is asked for when none is given. */
  tag(tag: string): Image | undefined
}
