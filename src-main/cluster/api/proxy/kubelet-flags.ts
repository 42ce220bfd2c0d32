import type { Flags } from '../server-flags.js'
import { KUBELET_CONFIGURATION as configuration } from './kubelet-configuration.js'

/** The flags that a kubelet tells at `/flagz`: those that its configuration has as well. */
export const kubeletFlags = (node: string): Flags => ({
  address: configuration.address,
  'anonymous-auth': String(configuration.authentication.anonymous.enabled),
  'authentication-token-webhook': String(configuration.authentication.webhook.enabled),
  'authorization-mode': configuration.authorization.mode,
  'cgroup-driver': configuration.cgroupDriver,
  'cgroups-per-qos': String(configuration.cgroupsPerQOS),
  'client-ca-file': configuration.authentication.x509.clientCAFile,
  'cluster-dns': configuration.clusterDNS,
  'cluster-domain': configuration.clusterDomain,
  config: '/var/lib/kubelet/config.yaml',
  'container-log-max-files': String(configuration.containerLogMaxFiles),
  'container-log-max-size': configuration.containerLogMaxSize,
  'cpu-manager-policy': configuration.cpuManagerPolicy,
  'enable-server': String(configuration.enableServer),
  'fail-swap-on': String(configuration.failSwapOn),
  'healthz-port': String(configuration.healthzPort),
  'hostname-override': node,
  'image-gc-high-threshold': String(configuration.imageGCHighThresholdPercent),
  'image-gc-low-threshold': String(configuration.imageGCLowThresholdPercent),
  kubeconfig: '/etc/kubernetes/kubelet.conf',
  'max-pods': String(configuration.maxPods),
  port: String(configuration.port),
  'serialize-image-pulls': String(configuration.serializeImagePulls),
  'sync-frequency': configuration.syncFrequency,
})
