import { evictionHard, type KubeletConfiguration } from '../../kubelet/kubelet-configuration.js'

/** The defaults of `kubelet.config.k8s.io/v1beta1` as far as they hold for the kubelets of this cluster. */
export const KUBELET_CONFIGURATION = {
  kind: 'KubeletConfiguration',
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  enableServer: true,
  syncFrequency: '1m0s',
  fileCheckFrequency: '20s',
  httpCheckFrequency: '20s',
  address: '0.0.0.0',
  port: 10250,
  authentication: {
    x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
    webhook: { enabled: true, cacheTTL: '2m0s' },
    anonymous: { enabled: false },
  },
  authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' } },
  healthzPort: 10248,
  healthzBindAddress: '127.0.0.1',
  clusterDomain: 'cluster.local',
  clusterDNS: ['10.96.0.10'],
  nodeStatusUpdateFrequency: '10s',
  nodeStatusReportFrequency: '5m0s',
  nodeLeaseDurationSeconds: 40,
  imageMinimumGCAge: '2m0s',
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  cgroupsPerQOS: true,
  cgroupDriver: 'systemd',
  cpuManagerPolicy: 'none',
  memoryManagerPolicy: 'None',
  topologyManagerPolicy: 'none',
  maxPods: 110,
  podPidsLimit: -1,
  resolvConf: '/etc/resolv.conf',
  serializeImagePulls: true,
  evictionPressureTransitionPeriod: '5m0s',
  failSwapOn: true,
  containerLogMaxSize: '10Mi',
  containerLogMaxFiles: 5,
  enforceNodeAllocatable: ['pods'],
  shutdownGracePeriod: '0s',
  shutdownGracePeriodCriticalPods: '0s',
} as const

/**
 * The configuration that a kubelet tells at `/configz`.
 * https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
 *
 * @param given what its machine says of it
 */
export function kubeletConfiguration(given: KubeletConfiguration = {}): object {
  return { ...KUBELET_CONFIGURATION, ...given, evictionHard: evictionHard(given) }
}
