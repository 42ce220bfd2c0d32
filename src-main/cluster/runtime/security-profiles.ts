/**
 * The profiles of a node's own that a container is to run under: they have to be there when it is made, as containerd
 * wants them. Kubernetes documentation, "Restrict a Container's Syscalls with seccomp", "Restrict a Container's Access to
 * Resources with AppArmor".
 */
import type { ContainerConfig } from './cri.js'
import { FileNode } from './tree.js'
import type { TreeVolume } from './volume.js'

/**
 * @param disk the disk of the node
 * @throws Error in containerd's words when a profile is not there
 */
export function checkProfiles({ appArmorProfile, seccompFile }: ContainerConfig, disk: () => TreeVolume): void {
  // Nothing loads AppArmor profiles into the kernels of simulated machines.
  if (appArmorProfile !== undefined)
    throw new Error(
      `failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found ${appArmorProfile}`,
    )
  if (seccompFile === undefined) return
  const file = disk().find(seccompFile)
  const made = 'failed to create containerd container: '
  if (!(file instanceof FileNode))
    throw new Error(`${made}cannot load seccomp profile "${seccompFile}": open ${seccompFile}: no such file or directory`)
  try {
    JSON.parse(Buffer.from(file.content).toString('utf8'))
  } catch (error) {
    throw new Error(`${made}decoding seccomp profile failed "${seccompFile}": ${(error as Error).message}`)
  }
}
