/** What the master process finds around it: processors, accounts, the files that it logs to. */
import type { Process } from '../../process.js'
import type { HttpConfig, Location } from './model.js'
import type { Settings } from './settings.js'

/** How many processors the machine shows; two when it does not say. */
export function processors(process: Process): number {
  try {
    return process.fs.readText('/proc/cpuinfo').match(/^processor\s*:/gm)?.length ?? 2
  } catch {
    return 2
  }
}

/** The numbers of an account; undefined where there is none of that name. */
export function userOf(process: Process, name: string): { uid: number; gid: number } | undefined {
  try {
    const line = process.fs
      .readText('/etc/passwd')
      .split('\n')
      .find((l) => l.startsWith(`${name}:`))
    const [, , uid, gid] = line?.split(':') ?? []
    return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
  } catch {
    return undefined
  }
}

/** The files that requests are told in, of all servers and locations: they are opened before nginx goes into the background. */
export function accessLogPaths({ servers }: HttpConfig): Set<string> {
  const paths = new Set<string>()
  const look = (each: { readonly settings: Settings }): void => each.settings.accessLogs.forEach(({ path }) => paths.add(path))
  const locations = (all: readonly Location[]): void => {
    for (const location of all) {
      look(location)
      locations(location.nested)
    }
  }
  for (const server of servers) {
    look(server)
    locations(server.locations)
  }
  return paths
}

/** Makes the folders of caches, which are the workers' own. */
export function makeFolders(process: Process, { caches, user }: HttpConfig): void {
  const owner = userOf(process, user)
  for (const { path } of caches.values()) {
    if (process.fs.exists(path)) continue
    try {
      process.fs.mkdir(path, { recursive: true, mode: 0o700 })
      if (owner) process.fs.chown(path, owner.uid, owner.gid)
    } catch {
      // What cannot be kept is asked for again.
    }
  }
}
