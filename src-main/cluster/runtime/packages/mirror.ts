/**
 * The mirrors of distributions, as a container reaches them: they stand outside of the cluster, as registries do, so a
 * container whose names or connections to the outside are cut off does not get there.
 */
import { DnsError, NetworkError } from '../../network/network.js'
import type { Task } from '../task.js'
import { within } from '../programs/net/connection.js'
import { packagedProgram, type Package } from './package-list.js'

/** An address of the content network that serves deb.debian.org and dl-cdn.alpinelinux.org. */
export const MIRROR_ADDRESS = '151.101.2.132'
/** Cluster milliseconds after which a mirror does not answer. */
const PATIENCE = 30_000

/** Whether a container gets to a mirror: `unresolved` when nothing answers for its names, `timeout` when its egress is cut off. */
export async function reachMirror(task: Task, host: string): Promise<'reached' | 'unresolved' | 'timeout'> {
  try {
    await within(task, PATIENCE, () => task.net.resolve(host))
  } catch (error) {
    task.check()
    // The names of the cluster do not hold it: a real one would ask further.
    if (!(error instanceof DnsError)) throw error
    if (error.code !== 'NXDOMAIN') return 'unresolved'
  }
  try {
    const connection = await within(task, PATIENCE, (signal) => task.net.connect(MIRROR_ADDRESS, 443, signal))
    connection?.destroy()
  } catch (error) {
    task.check()
    // No address outside is known to the simulated network: what is not held back would have got there.
    return error instanceof NetworkError && error.code !== 'ETIMEDOUT' ? 'reached' : 'timeout'
  }
  return 'timeout'
}

/** Puts the programs of a package into /usr/bin. Throws what the file system refuses. */
export function unpack(task: Task, { programs }: Package): void {
  for (const name of programs) {
    const path = `/usr/bin/${name}`
    if (task.fs.exists(path)) task.fs.remove(path)
    task.fs.writeFile(path, new Uint8Array(24), { mode: 0o755 })
    task.fs.chmod(path, 0o755)
    task.fs.executable(path).node.program = packagedProgram(name)
  }
}
