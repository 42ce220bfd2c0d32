/** What the runtime is told of a container: command, environment, mounts, user and limits. */
import type * as k8s from '@kubernetes/client-node'
import type { Container, Pod } from '../api/object.js'
import type { ContainerConfig, Mount, PulledImage, Volume } from '../runtime/cri.js'
import { expand } from './expansion.js'
import { isSidecar, podLabel } from './pod-state.js'
import { bytes, millicores } from './quantity.js'
import { SharedValues } from './shared-values.js'
import { hasGeneratedFiles } from './volumes/files.js'

type PodVolume = NonNullable<NonNullable<Pod['spec']>['volumes']>[number]

const environments = new SharedValues<ContainerConfig['env']>()

/** Refuses a container that must not run as root but would, or that might. */
function checkNonRoot(pod: Pod, container: Container, user: number | undefined, imageUser: string | undefined): void {
  const wanted = container.securityContext?.runAsNonRoot ?? pod.spec!.securityContext?.runAsNonRoot
  if (!wanted) return
  const where = `(pod: "${podLabel(pod)}", container: ${container.name})`
  if (user !== undefined) {
    if (user === 0) throw new Error(`container's runAsUser breaks non-root policy ${where}`)
    return
  }
  const name = (imageUser ?? '').split(':')[0]!
  if (name === '' || Number(name) === 0) throw new Error(`container has runAsNonRoot and image will run as root ${where}`)
  if (Number.isNaN(Number(name)))
    throw new Error(`container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root ${where}`)
}

/** The path that an expression stands for. Throws for what cannot be one: variables bring what no validation has seen. */
function expandedSubPath(expression: string, lookup: (name: string) => string | undefined): string {
  const path = expand(expression, (name) => {
    const value = lookup(name)
    if (value === undefined) throw new Error(`missing value for "${name}"`)
    return value
  })
  if (path.startsWith('/')) throw new Error(`error SubPath \`${path}\` must not be an absolute path`)
  if (path.split('/').includes('..')) throw new Error(`unable to provision SubPath \`${path}\`: must not contain '..'`)
  return path
}

/** The container that an ephemeral one is to look into. */
function targetOf(container: Container): string | undefined {
  return (container as Pick<k8s.V1EphemeralContainer, 'targetContainerName'>).targetContainerName
}

/** Makes the directory of a subPath. Throws for one that leads out of its volume: links in it were made by containers. */
function prepare(volume: Volume, subPath: string, where: string): void {
  try {
    volume.prepareSubPath?.(subPath)
  } catch {
    throw new Error(`failed to prepare subPath for ${where}`)
  }
}

/** Whether containers may not write a volume, whatever they ask for: files of the API are the kubelet's to write. */
function isReadOnly(volume: PodVolume): boolean {
  return hasGeneratedFiles(volume) || Boolean(volume.persistentVolumeClaim?.readOnly ?? volume.nfs?.readOnly)
}

function mounts(
  pod: Pod,
  container: Container,
  volumes: ReadonlyMap<string, Volume>,
  lookup: (name: string) => string | undefined,
): Mount[] {
  const fixed = new Set((pod.spec!.volumes ?? []).filter(isReadOnly).map(({ name }) => name))
  return (container.volumeMounts ?? []).map((m) => {
    const volume = volumes.get(m.name)
    if (!volume) throw new Error(`cannot find volume "${m.name}" to mount into container "${container.name}"`)
    const subPath = m.subPathExpr ? expandedSubPath(m.subPathExpr, lookup) : m.subPath
    if (subPath) prepare(volume, subPath, `volumeMount ${JSON.stringify(m.name)} of container ${JSON.stringify(container.name)}`)
    const propagation = m.mountPropagation === 'None' ? undefined : (m.mountPropagation as Mount['propagation'])
    return {
      volume,
      containerPath: m.mountPath,
      readOnly: (m.readOnly ?? false) || fixed.has(m.name),
      ...(subPath ? { subPath } : {}),
      ...(propagation ? { propagation } : {}),
    }
  })
}

/** The raw block volumes of a container. */
function devices(pod: Pod, container: Container, volumes: ReadonlyMap<string, Volume>): ContainerConfig['devices'] {
  const fixed = new Set((pod.spec!.volumes ?? []).filter(isReadOnly).map(({ name }) => name))
  return container.volumeDevices?.map(({ name, devicePath }) => {
    const volume = volumes.get(name)
    if (!volume) throw new Error(`cannot find volume "${name}" to pass into container "${container.name}"`)
    return { volume, path: devicePath, readOnly: fixed.has(name) }
  })
}

/**
 * Whether a container is to end by itself: one that pods wait for before they start, one of a Job, or a command in a pod
 * that is not kept running.
 */
export function runsToCompletion(pod: Pod, container: Container): boolean {
  const init = pod.spec!.initContainers?.find(({ name }) => name === container.name)
  if (init) return !isSidecar(init, 'init')
  if (pod.spec!.restartPolicy === 'Always' || !pod.spec!.containers.some(({ name }) => name === container.name)) return false
  const ofJob = pod.metadata.ownerReferences?.some(({ controller, kind }) => controller && kind === 'Job')
  return ofJob === true || (container.command?.length ?? 0) + (container.args?.length ?? 0) > 0
}

/** Where nodes keep the seccomp profiles of pods. */
const SECCOMP_PROFILES = '/var/lib/kubelet/seccomp'

/**
 * The configuration of one run of a container.
 *
 * @param image the image as the node has it
 * @param id the old id, when a container is brought back after a restart of the simulator
 * @throws Error whose message is shown as CreateContainerConfigError
 */
export function containerConfig(
  pod: Pod,
  container: Container,
  env: readonly { name: string; value: string }[],
  volumes: ReadonlyMap<string, Volume>,
  image: PulledImage | undefined,
  id?: string,
): ContainerConfig {
  const values = new Map(env.map((e) => [e.name, e.value]))
  const lookup = (name: string): string | undefined => values.get(name)
  const own = container.securityContext
  const all = pod.spec!.securityContext
  const seccomp = own?.seccompProfile ?? all?.seccompProfile
  const appArmor = own?.appArmorProfile ?? all?.appArmorProfile
  const user = own?.runAsUser ?? all?.runAsUser
  const group = own?.runAsGroup ?? all?.runAsGroup
  if (image) checkNonRoot(pod, container, user, image.user)
  const groups = [...(all?.supplementalGroups ?? []), ...(all?.fsGroup === undefined ? [] : [all.fsGroup])]
  const { requests, limits } = container.resources ?? {}
  return {
    name: container.name,
    image: container.image ?? '',
    ...(container.command?.length ? { command: container.command.map((c) => expand(c, lookup)) } : {}),
    ...(container.args?.length ? { args: container.args.map((a) => expand(a, lookup)) } : {}),
    ...(container.workingDir ? { workingDir: container.workingDir } : {}),
    env: environments.of(env),
    mounts: mounts(pod, container, volumes, lookup),
    ...(container.volumeDevices?.length ? { devices: devices(pod, container, volumes)! } : {}),
    ports: (container.ports ?? []).map((p) => ({ containerPort: p.containerPort, protocol: p.protocol ?? 'TCP' })),
    ...(runsToCompletion(pod, container) ? { runsToCompletion: true } : {}),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    ...(targetOf(container) ? { processesOf: targetOf(container)! } : {}),
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
    terminationMessagePolicy: container.terminationMessagePolicy ?? 'File',
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group }),
    ...(groups.length ? { supplementalGroups: groups } : {}),
    ...(all?.supplementalGroupsPolicy === 'Strict' ? { supplementalGroupsPolicy: 'Strict' as const } : {}),
    ...(own?.readOnlyRootFilesystem ? { readOnlyRootFilesystem: true } : {}),
    ...(own?.privileged ? { privileged: true } : {}),
    ...(own?.capabilities ? { capabilities: own.capabilities } : {}),
    ...(own?.allowPrivilegeEscalation === false ? { noNewPrivileges: true } : {}),
    ...(['RuntimeDefault', 'Localhost'].includes(seccomp?.type ?? '') ? { seccomp: true } : {}),
    ...(seccomp?.type === 'Localhost' ? { seccompFile: `${SECCOMP_PROFILES}/${seccomp.localhostProfile}` } : {}),
    ...(appArmor?.type === 'Localhost' ? { appArmorProfile: appArmor.localhostProfile! } : {}),
    ...(limits?.cpu ? { cpuLimit: millicores(limits.cpu) } : {}),
    ...(requests?.cpu ? { cpuRequest: millicores(requests.cpu) } : {}),
    ...(limits?.memory ? { memoryLimit: bytes(limits.memory) } : {}),
    ...(requests?.memory ? { memoryRequest: bytes(requests.memory) } : {}),
    ...(id ? { id } : {}),
  }
}
