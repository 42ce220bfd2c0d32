/** The messages of the CRI as crictl prints them in JSON and YAML. */
import { stringify } from 'yaml'
import { jsonText } from '../../../../exact-json.js'
import type { PulledImage } from '../../cri.js'
import type { ListedContainer, ListedSandbox } from '../../node-cri.js'
import { fatal, type Client } from './client.js'

const NANOSECONDS = '000000'

/** The digest of an image, as `sha256:…`. */
export function digestOf(image: PulledImage | undefined): string {
  return image?.id.slice(image.id.indexOf('@') + 1) ?? ''
}

/** `{ id, repoTags, repoDigests, size }`; an image that was pulled by its digest has no tag. */
export function imageObject(image: PulledImage): object {
  const repoTags = image.reference.includes('@') ? [] : [image.reference]
  const { user } = image
  const uid = /^(\d+)/.exec(user ?? '')?.[1]
  return {
    id: digestOf(image),
    repoTags,
    repoDigests: [image.id],
    size: String(image.size),
    uid: uid === undefined ? null : { value: uid },
    username: uid === undefined ? (user ?? '') : '',
    spec: null,
    pinned: false,
  }
}

/** A container in a list. */
export function containerObject(container: ListedContainer): object {
  const { id, sandbox, name, attempt, image, state, createdAt, labels } = container
  return {
    id,
    podSandboxId: sandbox.id,
    metadata: { name, attempt },
    image: { image: digestOf(image), annotations: {}, userSpecifiedImage: '', runtimeHandler: '' },
    imageRef: digestOf(image),
    state: `CONTAINER_${state.toUpperCase()}`,
    createdAt: `${createdAt}${NANOSECONDS}`,
    labels,
    annotations: {},
  }
}

/** A sandbox in a list. */
export function sandboxObject({ id, config, ready, createdAt, labels }: ListedSandbox): object {
  const { name, uid, namespace, runtimeHandler = '' } = config
  return {
    id,
    metadata: { name, uid, namespace, attempt: 0 },
    state: ready ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
    createdAt: `${createdAt}${NANOSECONDS}`,
    labels,
    annotations: {},
    runtimeHandler,
  }
}

const stamp = (ms: number | undefined): string => (ms === undefined ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString())

/** What `inspect` tells of a container. */
export function containerStatus(container: ListedContainer): object {
  const {
    id,
    name,
    attempt,
    state,
    createdAt,
    startedAt,
    finishedAt,
    exitCode = 0,
    image,
    reason,
    message,
    labels,
    mounts,
    logPath,
  } = container
  return {
    status: {
      annotations: {},
      createdAt: stamp(createdAt),
      exitCode,
      finishedAt: stamp(finishedAt),
      id,
      image: { annotations: {}, image: image?.reference ?? '', runtimeHandler: '', userSpecifiedImage: '' },
      imageRef: image?.id ?? '',
      labels,
      logPath,
      message: message ?? '',
      metadata: { attempt, name },
      mounts: mounts.map(({ containerPath, readOnly }) => ({ containerPath, readonly: readOnly })),
      reason: reason ?? '',
      startedAt: stamp(startedAt),
      state: `CONTAINER_${state.toUpperCase()}`,
    },
    info: { sandboxID: container.sandbox.id },
  }
}

/** What `inspectp` tells of a sandbox. */
export function sandboxStatus(sandbox: ListedSandbox): object {
  const { id, config, createdAt, ip, labels, ready } = sandbox
  const { name, namespace, uid, hostNetwork, hostPID, runtimeHandler = '' } = config
  return {
    status: {
      annotations: {},
      createdAt: stamp(createdAt),
      id,
      labels,
      linux: { namespaces: { options: { ipc: 'POD', network: hostNetwork ? 'NODE' : 'POD', pid: hostPID ? 'NODE' : 'CONTAINER' } } },
      metadata: { attempt: 0, name, namespace, uid },
      network: { additionalIps: [], ip: hostNetwork ? '' : ip },
      runtimeHandler,
      state: ready ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
    },
    info: { hostname: config.hostname },
  }
}

/** Prints an object in the format that `-o` names. */
export async function printObject({ c }: Client, object: object, format: string): Promise<number> {
  if (format === 'json') await c.print(`${jsonText(object, 2)}\n`)
  else if (format === 'yaml') await c.print(stringify(object))
  else throw fatal(c, `unsupported output format "${format}"`)
  return 0
}
