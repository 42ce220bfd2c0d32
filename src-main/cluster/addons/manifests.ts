/**
 * What kubeadm and minikube put into kube-system, as objects: the control plane's own pods, CoreDNS, kube-proxy, the pod
 * network, and a default StorageClass. The work itself is done by the simulator; the pods are there to be looked at,
 * deleted and broken, and CoreDNS answers for the cluster's names only while it is ready.
 */
import type { KubeObject } from '../api/object.js'
import { flagArguments, serverFlags } from '../api/server-flags.js'

/** The versions that go with Kubernetes v1.36. */
export const KUBERNETES = 'v1.36.0'
const images = {
  apiserver: `registry.k8s.io/kube-apiserver:${KUBERNETES}`,
  controllerManager: `registry.k8s.io/kube-controller-manager:${KUBERNETES}`,
  scheduler: `registry.k8s.io/kube-scheduler:${KUBERNETES}`,
  proxy: `registry.k8s.io/kube-proxy:${KUBERNETES}`,
  etcd: 'registry.k8s.io/etcd:3.6.8-0',
  coredns: 'registry.k8s.io/coredns/coredns:v1.14.2',
  kindnet: 'docker.io/kindest/kindnetd:v20250512-df8de77b',
}

/** What every node of a new cluster has already, as a node that kubeadm set up. */
export const addonImages: readonly string[] = Object.values(images)

/** The provisioner that the embedded cluster's own controller serves. */
export const PROVISIONER = 'drydock.dev/hostpath'

/** CoreDNS' configuration, as kubeadm writes it. */
export const COREFILE = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`

type Body = Record<string, unknown>

function object(apiVersion: string, kind: string, name: string, body: Body, labels?: Record<string, string>): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name, ...(kind === 'StorageClass' ? {} : { namespace: 'kube-system' }), ...(labels ? { labels } : {}) },
    ...body,
  }
}

/** What a pod of the system mounts of its node's disk, under the same path. */
interface NodePath {
  name: string
  path: string
  type: '' | 'DirectoryOrCreate' | 'FileOrCreate'
  readOnly?: boolean
}

const directory = (name: string, path: string, readOnly = true): NodePath => ({ name, path, type: 'DirectoryOrCreate', readOnly })
const kubeconfig = (file: string): NodePath => ({
  name: 'kubeconfig',
  path: `/etc/kubernetes/${file}`,
  type: 'FileOrCreate',
  readOnly: true,
})

const CERTIFICATES: readonly NodePath[] = [
  directory('ca-certs', '/etc/ssl/certs'),
  directory('etc-ca-certificates', '/etc/ca-certificates'),
  directory('k8s-certs', '/var/lib/minikube/certs'),
  directory('usr-local-share-ca-certificates', '/usr/local/share/ca-certificates'),
  directory('usr-share-ca-certificates', '/usr/share/ca-certificates'),
]

/** What both the pods of kube-proxy and those of the pod network mount. */
const NETWORKING: readonly NodePath[] = [
  { name: 'xtables-lock', path: '/run/xtables.lock', type: 'FileOrCreate' },
  { name: 'lib-modules', path: '/lib/modules', type: '', readOnly: true },
]

const volumeOf = ({ name, path, type }: NodePath): Body => ({ name, hostPath: { path, type } })
const mountOf = ({ name, path, readOnly }: NodePath): Body => ({ name, mountPath: path, ...(readOnly ? { readOnly } : {}) })

/** A static pod of the control plane, as the kubelet mirrors it: `kube-apiserver-NODE`. */
function staticPod(
  component: string,
  node: { name: string; uid: string; address: string },
  container: { image: string; command: string[]; cpu: string; memory?: string; paths: readonly NodePath[] },
): KubeObject {
  const { image, command, cpu, memory, paths } = container
  const hash = [...`${component}${image}`]
    .reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 16777619) >>> 0, 2166136261)
    .toString(16)
    .padStart(8, '0')
    .repeat(4)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${component}-${node.name}`,
      namespace: 'kube-system',
      labels: { component, tier: 'control-plane' },
      annotations: {
        ...(component === 'kube-apiserver'
          ? { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${node.address}:8443` }
          : {}),
        'kubernetes.io/config.hash': hash,
        'kubernetes.io/config.mirror': hash,
        'kubernetes.io/config.source': 'file',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid, controller: true }],
    },
    spec: {
      nodeName: node.name,
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
      containers: [
        {
          name: component,
          image,
          imagePullPolicy: 'IfNotPresent',
          command,
          resources: { requests: { cpu, ...(memory ? { memory } : {}) } },
          volumeMounts: paths.map(mountOf),
        },
      ],
      volumes: paths.map(volumeOf),
    },
  }
}

/** The pods of the control plane on its node. */
export function controlPlanePods(node: { name: string; uid: string; address: string; clusterCIDR: string }): KubeObject[] {
  const etcd = `https://${node.address}:2379`
  return [
    staticPod('etcd', node, {
      image: images.etcd,
      cpu: '100m',
      memory: '100Mi',
      command: ['etcd', `--advertise-client-urls=${etcd}`, '--data-dir=/var/lib/minikube/etcd', `--name=${node.name}`],
      paths: [directory('etcd-certs', '/var/lib/minikube/certs/etcd', false), directory('etcd-data', '/var/lib/minikube/etcd', false)],
    }),
    staticPod('kube-apiserver', node, {
      image: images.apiserver,
      cpu: '250m',
      command: ['kube-apiserver', ...flagArguments(serverFlags(node.address))],
      paths: CERTIFICATES,
    }),
    staticPod('kube-controller-manager', node, {
      image: images.controllerManager,
      cpu: '200m',
      command: [
        'kube-controller-manager',
        '--allocate-node-cidrs=true',
        `--cluster-cidr=${node.clusterCIDR}`,
        '--leader-elect=false',
        '--service-cluster-ip-range=10.96.0.0/16',
      ],
      paths: [
        ...CERTIFICATES,
        directory('flexvolume-dir', '/usr/libexec/kubernetes/kubelet-plugins/volume/exec', false),
        kubeconfig('controller-manager.conf'),
      ],
    }),
    staticPod('kube-scheduler', node, {
      image: images.scheduler,
      cpu: '100m',
      command: ['kube-scheduler', '--bind-address=127.0.0.1', '--leader-elect=false'],
      paths: [kubeconfig('scheduler.conf')],
    }),
  ]
}

function daemonSet(
  name: string,
  label: string,
  body: { image: string; command?: string[]; serviceAccount: string; resources?: Body; container?: Body; volumes?: Body[] },
): KubeObject {
  const labels = { 'k8s-app': label }
  return object(
    'apps/v1',
    'DaemonSet',
    name,
    {
      spec: {
        selector: { matchLabels: labels },
        updateStrategy: { type: 'RollingUpdate' },
        template: {
          metadata: { labels },
          spec: {
            hostNetwork: true,
            serviceAccountName: body.serviceAccount,
            priorityClassName: 'system-node-critical',
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            tolerations: [{ operator: 'Exists' }],
            containers: [
              {
                name: name === 'kindnet' ? 'kindnet-cni' : name,
                image: body.image,
                imagePullPolicy: 'IfNotPresent',
                ...(body.command ? { command: body.command } : {}),
                ...(body.resources ? { resources: body.resources } : {}),
                ...body.container,
              },
            ],
            ...(body.volumes ? { volumes: body.volumes } : {}),
          },
        },
      },
    },
    labels,
  )
}

/** Everything else of kube-system. */
export function addonObjects(): KubeObject[] {
  const dns = { 'k8s-app': 'kube-dns' }
  const account = (name: string): KubeObject => object('v1', 'ServiceAccount', name, {})
  const probe = (path: string, port: number): Body => ({ httpGet: { path, port, scheme: 'HTTP' } })
  return [
    account('coredns'),
    account('kube-proxy'),
    account('kindnet'),
    object('v1', 'ConfigMap', 'coredns', { data: { Corefile: COREFILE } }),
    object(
      'v1',
      'Service',
      'kube-dns',
      {
        spec: {
          clusterIP: '10.96.0.10',
          selector: dns,
          ports: [
            { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
            { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
            { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
          ],
        },
      },
      { ...dns, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    ),
    object(
      'apps/v1',
      'Deployment',
      'coredns',
      {
        spec: {
          replicas: 1,
          selector: { matchLabels: dns },
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
          template: {
            metadata: { labels: dns },
            spec: {
              serviceAccountName: 'coredns',
              priorityClassName: 'system-cluster-critical',
              dnsPolicy: 'Default',
              nodeSelector: { 'kubernetes.io/os': 'linux' },
              tolerations: [
                { key: 'CriticalAddonsOnly', operator: 'Exists' },
                { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
              ],
              containers: [
                {
                  name: 'coredns',
                  image: images.coredns,
                  imagePullPolicy: 'IfNotPresent',
                  args: ['-conf', '/etc/coredns/Corefile'],
                  resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
                  ports: [
                    { name: 'dns', containerPort: 53, protocol: 'UDP' },
                    { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
                    { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
                  ],
                  livenessProbe: { ...probe('/health', 8080), initialDelaySeconds: 60, timeoutSeconds: 5, failureThreshold: 5 },
                  readinessProbe: probe('/ready', 8181),
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
                    readOnlyRootFilesystem: true,
                  },
                  volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
                },
              ],
              volumes: [{ name: 'config-volume', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } }],
            },
          },
        },
      },
      dns,
    ),
    daemonSet('kube-proxy', 'kube-proxy', {
      image: images.proxy,
      serviceAccount: 'kube-proxy',
      command: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf', '--hostname-override=$(NODE_NAME)'],
      container: {
        env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
        securityContext: { privileged: true },
        volumeMounts: [{ name: 'kube-proxy', mountPath: '/var/lib/kube-proxy' }, ...NETWORKING.map(mountOf)],
      },
      volumes: [{ name: 'kube-proxy', configMap: { name: 'kube-proxy' } }, ...NETWORKING.map(volumeOf)],
    }),
    daemonSet('kindnet', 'kindnet', {
      image: images.kindnet,
      serviceAccount: 'kindnet',
      resources: { requests: { cpu: '100m', memory: '50Mi' }, limits: { cpu: '100m', memory: '50Mi' } },
      container: {
        securityContext: { privileged: false, capabilities: { add: ['NET_RAW', 'NET_ADMIN'] } },
        volumeMounts: [{ name: 'cni-cfg', mountPath: '/etc/cni/net.d' }, ...NETWORKING.map(mountOf)],
      },
      volumes: [{ name: 'cni-cfg', hostPath: { path: '/etc/cni/net.d', type: 'DirectoryOrCreate' } }, ...NETWORKING.map(volumeOf)],
    }),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: PROVISIONER,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'Immediate',
      allowVolumeExpansion: true,
    },
  ]
}
