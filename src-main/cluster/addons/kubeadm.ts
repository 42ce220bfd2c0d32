/**
 * What kubeadm leaves in a cluster that it has made: the configuration that joining nodes and upgrades read, and who may
 * read it. `kubeadm:bootstrap-signer-clusterinfo` is left out, as after joining with `--discovery-file`: nobody reads
 * anything here without saying who they are.
 * https://kubernetes.io/docs/reference/setup-tools/kubeadm/implementation-details/
 */
import { toYaml } from '../api/http/yaml.js'
import type { KubeObject } from '../api/object.js'
import { KUBELET_CONFIGURATION } from '../api/proxy/kubelet-configuration.js'

export interface KubeadmOptions {
  clusterName: string
  /** The pods' network, such as `10.244.0.0/16`. */
  clusterCIDR: string
  /** Where nodes reach the API server, such as `https://192.168.49.2:8443`. */
  server: string
  /** The certificate of the cluster's authority, PEM. */
  ca: string
  /** Such as `v1.36.0`. */
  version: string
}

const RBAC = 'rbac.authorization.k8s.io'
const BOOTSTRAPPERS = 'system:bootstrappers:kubeadm:default-node-token'
const NODES = 'system:nodes'

const configMap = (namespace: string, name: string, data: Record<string, string>, labels?: Record<string, string>): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, ...(labels ? { labels } : {}) }, data }) as KubeObject

const group = (name: string): object => ({ kind: 'Group', apiGroup: RBAC, name })
const serviceAccount = (name: string): object => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' })

function binding(kind: 'ClusterRoleBinding' | 'RoleBinding', name: string, role: string, subjects: readonly object[]): KubeObject {
  const local = kind === 'RoleBinding'
  return {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name, ...(local ? { namespace: 'kube-system' } : {}) },
    roleRef: { apiGroup: RBAC, kind: local ? 'Role' : 'ClusterRole', name: role },
    subjects,
  } as KubeObject
}

/** A Role that lets read one ConfigMap of kube-system, with its binding. */
function readerOf(name: string, configMapName: string, readers: readonly string[]): KubeObject[] {
  const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [configMapName], verbs: ['get'] }]
  return [
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: { name, namespace: 'kube-system' }, rules } as KubeObject,
    binding('RoleBinding', name, name, readers.map(group)),
  ]
}

function kubeProxyConfiguration({ server, clusterCIDR }: KubeadmOptions): Record<string, string> {
  const account = '/var/run/secrets/kubernetes.io/serviceaccount'
  return {
    'config.conf': toYaml({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      bindAddress: '0.0.0.0',
      bindAddressHardFail: false,
      clientConnection: { acceptContentTypes: '', burst: 0, contentType: '', kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf', qps: 0 },
      clusterCIDR,
      configSyncPeriod: '0s',
      enableProfiling: false,
      healthzBindAddress: '',
      hostnameOverride: '',
      metricsBindAddress: '',
      mode: '',
      nodePortAddresses: null,
      oomScoreAdj: null,
      portRange: '',
    }),
    'kubeconfig.conf': toYaml({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'default', cluster: { 'certificate-authority': `${account}/ca.crt`, server } }],
      contexts: [{ name: 'default', context: { cluster: 'default', namespace: 'default', user: 'default' } }],
      'current-context': 'default',
      users: [{ name: 'default', user: { tokenFile: `${account}/token` } }],
    }),
  }
}

/** The ConfigMaps, roles and bindings. */
export function kubeadmObjects(options: KubeadmOptions): KubeObject[] {
  const { server, ca, clusterCIDR, clusterName, version } = options
  const clusterInfo = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ cluster: { 'certificate-authority-data': Buffer.from(ca).toString('base64'), server }, name: '' }],
    contexts: null,
    'current-context': '',
    users: null,
  }
  const clusterConfiguration = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    apiServer: {},
    caCertificateValidityPeriod: '87600h0m0s',
    certificateValidityPeriod: '8760h0m0s',
    certificatesDir: '/var/lib/minikube/certs',
    clusterName,
    controlPlaneEndpoint: server.replace('https://', ''),
    controllerManager: {},
    dns: {},
    encryptionAlgorithm: 'ECDSA-P256',
    etcd: { local: { dataDir: '/var/lib/minikube/etcd' } },
    imageRepository: 'registry.k8s.io',
    kubernetesVersion: version,
    networking: { dnsDomain: 'cluster.local', podSubnet: clusterCIDR, serviceSubnet: '10.96.0.0/16' },
    proxy: {},
    scheduler: {},
  }
  const clientCertificates = 'system:certificates.k8s.io:certificatesigningrequests'
  return [
    configMap('kube-public', 'cluster-info', { kubeconfig: toYaml(clusterInfo) }),
    configMap('kube-system', 'kubeadm-config', { ClusterConfiguration: toYaml(clusterConfiguration) }),
    configMap('kube-system', 'kubelet-config', { kubelet: toYaml(KUBELET_CONFIGURATION) }),
    configMap('kube-system', 'kube-proxy', kubeProxyConfiguration(options), { app: 'kube-proxy' }),
    ...readerOf('kubeadm:nodes-kubeadm-config', 'kubeadm-config', [BOOTSTRAPPERS, NODES]),
    ...readerOf('kubeadm:kubelet-config', 'kubelet-config', [BOOTSTRAPPERS, NODES]),
    ...readerOf('kube-proxy', 'kube-proxy', [BOOTSTRAPPERS]),
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'kubeadm:get-nodes' },
      rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
    } as KubeObject,
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'system:coredns' },
      rules: [
        { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    } as KubeObject,
    binding('ClusterRoleBinding', 'system:coredns', 'system:coredns', [serviceAccount('coredns')]),
    binding('ClusterRoleBinding', 'kubeadm:get-nodes', 'kubeadm:get-nodes', [group(BOOTSTRAPPERS)]),
    binding('ClusterRoleBinding', 'kubeadm:cluster-admins', 'cluster-admin', [group('kubeadm:cluster-admins')]),
    binding('ClusterRoleBinding', 'kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', [group(BOOTSTRAPPERS)]),
    binding('ClusterRoleBinding', 'kubeadm:node-autoapprove-bootstrap', `${clientCertificates}:nodeclient`, [group(BOOTSTRAPPERS)]),
    binding('ClusterRoleBinding', 'kubeadm:node-autoapprove-certificate-rotation', `${clientCertificates}:selfnodeclient`, [group(NODES)]),
    binding('ClusterRoleBinding', 'kubeadm:node-proxier', 'system:node-proxier', [serviceAccount('kube-proxy')]),
  ]
}
