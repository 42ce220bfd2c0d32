/**
 * What containers of an image start as. Thousands of them run the same command as the same user: who that is and where
 * the program lies is looked up in the files of the first one, and of the others only if somebody asks for them.
 */
import type { ContainerConfig, ContainerInfo } from './cri.js'
import type { Identity } from './identity.js'
import type { Resolved } from './program-file.js'
import type { DirectoryNode } from './tree.js'

/** Who the main process of a container is, and what it runs. */
export interface KnownStart {
  readonly identity: Identity
  /** The same, as it is told. */
  readonly user: NonNullable<ContainerInfo['user']>
  readonly found: Resolved
}

/** How many are remembered of each image; beyond that the oldest is forgotten. */
const MOST = 64
/** What is in these is each container's own, or each pod's. */
const OWN = /^\/(proc|dev|run|var\/run)\//

const known = new WeakMap<DirectoryNode, Map<string, KnownStart>>()

/** What a start depends on, besides the files of the image. */
export function startKey(config: ContainerConfig, argv: readonly string[], path: string | undefined, workingDir: string): string {
  const { user, group, supplementalGroups, supplementalGroupsPolicy } = config
  return JSON.stringify([argv, path, workingDir, user, group, supplementalGroups, supplementalGroupsPolicy])
}

export function knownStart(layer: DirectoryNode, key: string): KnownStart | undefined {
  return known.get(layer)?.get(key)
}

export function rememberStart(layer: DirectoryNode, key: string, start: KnownStart): void {
  if (OWN.test(start.found.path)) return
  let starts = known.get(layer)
  if (!starts) known.set(layer, (starts = new Map()))
  if (starts.size >= MOST) starts.delete(starts.keys().next().value!)
  starts.set(key, start)
}
