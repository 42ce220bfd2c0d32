/**
 * What containers of an image start as. Thousands of them run the same command as the same user: who that is and where
 * the program lies is looked up in the files of the first one, and of the others only if somebody asks for them.
 */
import { posix } from 'node:path'
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
  /** How many words its program is given: the last ones of what it runs, after the program and, of a script, what reads it. */
  readonly given: number
}

/** How many are remembered of each image; beyond that the oldest is forgotten. */
const MOST = 64
/** What is in these is each container's own, or each pod's. */
const OWN = /^\/(proc|dev|run|var\/run)\//

const known = new WeakMap<DirectoryNode, Map<string, KnownStart>>()

/** What a start depends on, besides the files of the image. What its program is given is each container's own. */
export function startKey(config: ContainerConfig, [command]: readonly string[], path: string | undefined, workingDir: string): string {
  const { user, group, supplementalGroups, supplementalGroupsPolicy } = config
  return JSON.stringify([command, path, workingDir, user, group, supplementalGroups, supplementalGroupsPolicy])
}

/** Where programs are, whatever links lead there. */
const PROGRAMS = /^\/(usr|s?bin)(\/|$)/
/** Who a user is. */
const ACCOUNTS = ['/etc/passwd', '/etc/group']

/** Whether nothing is mounted over what a start depends on, so that the files of the image alone decide it. */
export function isAside(mounts: ContainerConfig['mounts'], argv: readonly string[], path: string | undefined, workingDir: string): boolean {
  const command = argv[0]!.includes('/') ? [posix.resolve(workingDir, argv[0]!)] : []
  const decisive = [...ACCOUNTS, ...command, workingDir, ...(path ?? '').split(':')]
  const covers = (at: string): boolean => PROGRAMS.test(at) || decisive.some((p) => p === at || p.startsWith(`${at}/`))
  return !mounts.some(({ containerPath }) => covers(containerPath))
}

/** @param argv the command line, whose first word is in the key */
export function knownStart(layer: DirectoryNode, key: string, argv: readonly string[]): KnownStart | undefined {
  const start = known.get(layer)?.get(key)
  if (!start || (argv.length === 1 && start.given === 0)) return start
  const { found, given } = start
  return {
    ...start,
    found: { ...found, argv: [...found.argv.slice(0, found.argv.length - given), ...argv.slice(1)] },
    given: argv.length - 1,
  }
}

export function rememberStart(layer: DirectoryNode, key: string, start: KnownStart): void {
  if (OWN.test(start.found.path)) return
  let starts = known.get(layer)
  if (!starts) known.set(layer, (starts = new Map()))
  if (starts.size >= MOST) starts.delete(starts.keys().next().value!)
  starts.set(key, start)
}
