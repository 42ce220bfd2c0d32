/** Starts the controllers of kube-controller-manager. */
import { resources } from '../api/client.js'
import type { Client, Informers, UserInfo } from '../api/client.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { startAttachDetachController } from './attachdetach.js'
import { startBootstrapSigner, startTokenCleaner } from './bootstraptokens.js'
import { startCertificateApprovingController, type CertificateApprovingOptions } from './certificateapproving.js'
import type { CertificateSigningOptions } from './certificatesigning.js'
import { startCertificateSigningController } from './certificatesigning.js'
import { CLUSTER_ROLES, startClusterRoleAggregationController } from './clusterroleaggregation.js'
import type { Controller, ControllerContext } from './controller.js'
import { startCronJobController } from './cronjob.js'
import { startDaemonSetController } from './daemonset.js'
import { startDeploymentController } from './deployment.js'
import { startDeviceTaintEvictionController } from './devicetainteviction.js'
import type { ResourceDiscovery } from './discovery.js'
import { isServed, servedInformers } from './discovery.js'
import { startDisruptionController } from './disruption.js'
import { startEndpointsController } from './endpoints.js'
import { startEndpointSliceController } from './endpointslice.js'
import { startEndpointSliceMirroringController } from './endpointslicemirroring.js'
import { startEphemeralVolumeController } from './ephemeralvolume.js'
import { EventRecorder } from './events.js'
import { startEventTTLController } from './eventttl.js'
import { startGarbageCollector } from './garbagecollector.js'
import type { MetricsSource } from './hpa-metrics.js'
import { startHorizontalPodAutoscalerController } from './hpa.js'
import { startJobController } from './job.js'
import { startLegacyTokenCleaner } from './legacytokencleaner.js'
import { startNamespaceController } from './namespace.js'
import { podNetworkFor, startNodeIpamController } from './nodeipam.js'
import { startNodeLifecycleController } from './nodelifecycle.js'
import { startPersistentVolumeBinder } from './persistentvolume.js'
import { startPodGCController } from './podgc.js'
import { startReplicaSetController } from './replicaset.js'
import { startReplicationControllerController } from './replicationcontroller.js'
import { startResourceClaimController } from './resourceclaim.js'
import { startResourceQuotaController } from './resourcequota.js'
import { startRootCAController, startServiceAccountController } from './serviceaccount.js'
import { startServiceAccountTokenController, type ServiceAccountTokenOptions } from './serviceaccounttokens.js'
import { startServiceCIDRController } from './servicecidrs.js'
import { startStaleDisruptionController } from './staledisruption.js'
import { startStatefulSetController } from './statefulset.js'
import { startTaintEvictionController } from './tainteviction.js'
import { startTTLController } from './ttl.js'
import { startTTLAfterFinishedController } from './ttlafterfinished.js'
import { startValidatingAdmissionPolicyStatusController, VALIDATING_POLICIES } from './validatingadmissionpolicystatus.js'
import { startVolumeAttacher } from './volumeattacher.js'
import { startVolumeExpandController } from './volumeexpand.js'
import {
  startAttributesProtectionController,
  startClaimProtectionController,
  startVolumeProtectionController,
  VOLUME_ATTRIBUTES_CLASSES,
} from './volumeprotection.js'
import { startVolumeProvisioner } from './volumeprovisioner.js'

export interface ControllersOptions {
  /** Gives a client that acts as a user. */
  client(user: UserInfo): Client
  informers: Informers
  clock: Clock
  random: Random
  /** Which resources there are: for the garbage collector and for namespace deletion, which do nothing without it. */
  discovery?: ResourceDiscovery
  /** Where the HorizontalPodAutoscaler has its metrics from; without it nothing is autoscaled. */
  metrics?: MetricsSource
  /** Signs certificate requests and knows those of kubelets; without it they wait. */
  signers?: CertificateSigningOptions & CertificateApprovingOptions
  /** Makes the tokens of Secrets; without it and `rootCertificate` such Secrets stay empty. */
  issueLegacyToken?: ServiceAccountTokenOptions['issue']
  /** The provisioner name of StorageClasses whose volumes are made here; `drydock.dev/hostpath` by default. */
  volumeProvisioner?: string
  /** PEM of the certificate that signs the API server's, for `kube-root-ca.crt`. */
  rootCertificate?: string
  /** The pods' network, of which each node gets a /24; that of a small cluster by default. */
  clusterCIDR?: string
  /** How long a kubelet may be silent before its node is Unknown; 50 s by default. */
  nodeGracePeriodMs?: number
  /** How many finished pods may stay; 12,500 by default. */
  finishedPodsKept?: number
  /** The names of the controllers to run; all by default. */
  only?: readonly string[]
  /** Told of errors that a controller could not deal with itself. */
  log?(message: string, error: unknown): void
}

/** As whom the controllers act: the bootstrap role of this user is the sum of what they need. */
const USER: UserInfo = { username: 'system:kube-controller-manager', groups: ['system:authenticated'] }

type Start = (ctx: ControllerContext) => Controller

/** Starts all controllers. Their work begins as soon as the informers they use have synced. */
export function startControllers(options: ControllersOptions): Controller {
  const { clock, random } = options
  const informers = servedInformers(options.informers, options.discovery)
  const client = options.client(USER)
  const log = options.log ?? (() => {})
  const running: Controller[] = []

  /** @param component how events name it, where that is not the controller's own name */
  const start = (name: string, run: Start, component = name): void => {
    if (options.only && !options.only.includes(name)) return
    const onError = (error: unknown): void => log(`recording an event of ${name} failed`, error)
    const events = new EventRecorder({ client, clock, component, onError })
    running.push(run({ client, informers, clock, random: random.fork(name), events, log }))
  }

  start('replicaset-controller', startReplicaSetController)
  start('replication-controller', startReplicationControllerController)
  start('deployment-controller', startDeploymentController)
  start('daemonset-controller', startDaemonSetController)
  start('statefulset-controller', startStatefulSetController)
  start('job-controller', startJobController)
  start('cronjob-controller', startCronJobController)
  start('ttl-after-finished-controller', startTTLAfterFinishedController)
  start('endpoint-controller', startEndpointsController)
  start('endpointslice-controller', startEndpointSliceController)
  start('endpointslicemirroring-controller', startEndpointSliceMirroringController)
  start('service-cidrs-controller', startServiceCIDRController)
  start('service-account-controller', startServiceAccountController)
  start('node-controller', (ctx) =>
    startNodeLifecycleController(ctx, options.nodeGracePeriodMs ? { gracePeriodMs: options.nodeGracePeriodMs } : {}),
  )
  start('ttl-controller', startTTLController)
  start('taint-eviction-controller', startTaintEvictionController)
  start('pod-garbage-collector', (ctx) =>
    startPodGCController(ctx, options.finishedPodsKept === undefined ? {} : { threshold: options.finishedPodsKept }),
  )
  start('event-ttl-controller', startEventTTLController)
  start('disruption-controller', (ctx) => startDisruptionController(ctx, { discovery: options.discovery }), 'controllermanager')
  start('stale-disruption', startStaleDisruptionController, 'controllermanager')
  start('persistent-volume-binder', startPersistentVolumeBinder, 'persistentvolume-controller')
  start('volume-provisioner', (ctx) => startVolumeProvisioner(ctx, { provisioner: options.volumeProvisioner ?? 'drydock.dev/hostpath' }))
  start('persistentvolume-attach-detach-controller', startAttachDetachController, 'attachdetach-controller')
  start('volume-attacher', startVolumeAttacher)
  start('ephemeral-volume-controller', startEphemeralVolumeController, 'ephemeral_volume')
  start('pvc-protection-controller', startClaimProtectionController)
  start('pv-protection-controller', startVolumeProtectionController)
  if (isServed(options.discovery, VOLUME_ATTRIBUTES_CLASSES))
    start('volumeattributesclass-protection-controller', startAttributesProtectionController)
  const { signers } = options
  if (signers) {
    start('certificate-controller', (ctx) => startCertificateSigningController(ctx, signers))
    start('csrapproving', (ctx) => startCertificateApprovingController(ctx, signers))
  }
  if (isServed(options.discovery, resources.resourceclaims))
    start('resource-claim-controller', startResourceClaimController, 'resource_claim')
  if (isServed(options.discovery, resources.resourceslices)) start('device-taint-eviction-controller', startDeviceTaintEvictionController)
  if (isServed(options.discovery, CLUSTER_ROLES)) start('clusterrole-aggregation-controller', startClusterRoleAggregationController)
  if (isServed(options.discovery, VALIDATING_POLICIES))
    start('validatingadmissionpolicy-status-controller', (ctx) =>
      startValidatingAdmissionPolicyStatusController(ctx, { discovery: options.discovery }),
    )
  const { discovery, rootCertificate, clusterCIDR = podNetworkFor(0) } = options
  start('node-ipam-controller', (ctx) => startNodeIpamController(ctx, { clusterCIDR }))
  const { issueLegacyToken: issue } = options
  if (rootCertificate && issue)
    start('serviceaccount-token-controller', (ctx) => startServiceAccountTokenController(ctx, { rootCertificate, issue }))
  start('legacy-service-account-token-cleaner', startLegacyTokenCleaner)
  start('token-cleaner', startTokenCleaner)
  start('bootstrap-signer', startBootstrapSigner)
  if (rootCertificate) start('root-ca-cert-publisher', (ctx) => startRootCAController(ctx, { rootCertificate }))
  if (discovery) {
    start('generic-garbage-collector', (ctx) => startGarbageCollector(ctx, { discovery }))
    const { metrics } = options
    if (metrics) start('horizontal-pod-autoscaler', (ctx) => startHorizontalPodAutoscalerController(ctx, { metrics, discovery }))
    start('resourcequota-controller', (ctx) => startResourceQuotaController(ctx, { discovery }))
    start('namespace-controller', (ctx) => startNamespaceController(ctx, { discovery }))
  }
  start('persistentvolume-expander-controller', startVolumeExpandController, 'volume_expand')

  return {
    name: 'kube-controller-manager',
    stop() {
      for (const controller of running) controller.stop()
    },
  }
}
