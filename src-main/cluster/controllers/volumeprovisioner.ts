/** The provisioner of the default StorageClass: makes hostPath volumes on demand, and lets them grow. */
import { resources } from '../api/client.js'
import { isReason } from '../api/errors.js'
import { compareQuantities, parseQuantity } from '../api/kinds/rules/quantity.js'
import type { Node } from '../api/object.js'
import { keyOf, splitKey } from '../api/object.js'
import type { Controller, ControllerContext } from './controller.js'
import { KeyedController } from './controller.js'
import { EventRecorder, referenceTo } from './events.js'
import type { Claim, StorageClass, Volume } from './persistentvolume-model.js'
import { PROVISIONED_BY, SELECTED_NODE, STORAGE_PROVISIONER, classNameOf } from './persistentvolume-model.js'
import { updateStatus } from './status.js'

export interface VolumeProvisionerOptions {
  /** The name by which StorageClasses ask for this provisioner. */
  provisioner: string
}

/** The claims that csi-provisioner works on at once: its --worker-threads. */
const WORKERS = 100
/** How long a claim takes to reach the provisioner, which watches it from outside of kube-controller-manager. */
const NOTICE_MS = 20
/** How long it takes to make a volume; the claim is Pending until then. */
const MAKE_MS = 480

/** Where the volumes live in the nodes' file systems, as minikube's provisioner has them. */
const DIRECTORY = '/tmp/hostpath-provisioner'

export function startVolumeProvisioner(context: ControllerContext, { provisioner }: VolumeProvisionerOptions): Controller {
  const { clock, random } = context
  // As the library of external provisioners names them: the host is the pod that they run in.
  const component = `${provisioner}_storage-provisioner_${random.uuid()}`
  const record = (name: string): EventRecorder =>
    new EventRecorder({
      client: context.client,
      clock,
      component: name,
      onError: (error) => context.log(`recording an event of ${name} failed`, error),
    })
  const ctx: ControllerContext = { ...context, events: record(component) }
  const resizer = record(`external-resizer ${provisioner}`)
  const stopped = new AbortController()
  const claimClient = ctx.client.resource<Claim>(resources.persistentvolumeclaims)
  const volumeClient = ctx.client.resource<Volume>(resources.persistentvolumes)
  const claims = ctx.informers.for<Claim>(resources.persistentvolumeclaims)
  const volumes = ctx.informers.for<Volume>(resources.persistentvolumes)
  const classes = ctx.informers.for<StorageClass>(resources.storageclasses)
  const controller = new KeyedController(ctx, { name: provisioner, workers: WORKERS, sync })
  controller.onStop(() => stopped.abort())
  const enqueue = (claim: Claim): void => {
    if (isWork(claim)) controller.queue.addAfter(keyOf(claim), NOTICE_MS)
  }
  controller.listen(claims, { add: enqueue, update: (_old, claim) => enqueue(claim) })
  return controller.startAfter(claims, volumes, classes)

  /** Whether a claim may want something of this provisioner: a volume, or that its volume grows. */
  function isWork({ metadata, spec, status }: Claim): boolean {
    if (!spec?.volumeName) return metadata.annotations?.[STORAGE_PROVISIONER] === provisioner
    return status?.phase === 'Bound' && spec.resources?.requests?.storage !== status.capacity?.storage
  }

  async function sync(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const claim = claims.get(namespace, name)
    if (!claim || claim.metadata.deletionTimestamp !== undefined) return
    const storageClass = classes.get('', classNameOf(claim))
    if (storageClass?.provisioner !== provisioner) return
    if (claim.spec?.volumeName) return grow(claim, storageClass)
    if (claim.metadata.annotations?.[STORAGE_PROVISIONER] === provisioner) await provision(claim, storageClass)
  }

  async function provision(claim: Claim, storageClass: StorageClass): Promise<void> {
    const name = `pvc-${claim.metadata.uid}`
    if (volumes.get('', name)) return
    const about = referenceTo('v1', 'PersistentVolumeClaim', claim)
    ctx.events.event(about, 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim "${keyOf(claim)}"`)
    const node = claim.metadata.annotations?.[SELECTED_NODE]
    await clock.sleep(MAKE_MS, stopped.signal)
    try {
      await volumeClient.create('', volumeFor(claim, storageClass, name, node ? await hostnameOf(node) : undefined))
      ctx.events.event(about, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`)
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) return
      const text = `failed to provision volume with StorageClass "${storageClass.metadata.name}": ${(error as Error).message}`
      ctx.events.event(about, 'Warning', 'ProvisioningFailed', text)
      throw error
    }
  }

  async function hostnameOf(nodeName: string): Promise<string> {
    const node = await ctx.client.resource<Node>(resources.nodes).get('', nodeName)
    return node.metadata.labels?.['kubernetes.io/hostname'] ?? nodeName
  }

  function volumeFor(claim: Claim, storageClass: StorageClass, name: string, hostname: string | undefined): Volume {
    const { namespace, name: claimName, uid, resourceVersion } = claim.metadata
    const affinity = { key: 'kubernetes.io/hostname', operator: 'In', values: [hostname!] }
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations: { [PROVISIONED_BY]: provisioner } },
      spec: {
        capacity: { storage: claim.spec!.resources!.requests!.storage! },
        accessModes: claim.spec!.accessModes ?? ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        storageClassName: storageClass.metadata.name!,
        ...(claim.spec!.volumeMode ? { volumeMode: claim.spec!.volumeMode } : {}),
        hostPath: { path: `${DIRECTORY}/${namespace}/${claimName}`, type: '' },
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          namespace: namespace!,
          name: claimName!,
          uid: uid!,
          resourceVersion: resourceVersion!,
        },
        // A volume that was made for a pod is on that pod's node and nowhere else.
        ...(hostname ? { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [affinity] }] } } } : {}),
      },
    }
  }

  /** Makes a bound volume as large as its claim now asks for. */
  async function grow(claim: Claim, storageClass: StorageClass): Promise<void> {
    const wanted = claim.spec!.resources?.requests?.storage
    const has = claim.status?.capacity?.storage
    if (!storageClass.allowVolumeExpansion || claim.status?.phase !== 'Bound' || !wanted || !has) return
    if (compareQuantities(parseQuantity(wanted), parseQuantity(has)) <= 0) return
    const about = referenceTo('v1', 'PersistentVolumeClaim', claim)
    resizer.event(about, 'Normal', 'Resizing', `External resizer is resizing volume ${claim.spec!.volumeName}`)
    const capacity = { storage: wanted }
    await volumeClient.patch('', claim.spec!.volumeName!, { spec: { capacity } }, { type: 'merge' })
    await updateStatus(claimClient, claim, { ...claim.status, capacity })
    resizer.event(about, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded')
  }
}
