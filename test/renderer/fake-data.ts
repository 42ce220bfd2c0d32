/** What the fake cluster holds. */
import { FakeMaker, type FakeObject } from './fake-maker.js'

const templates = (app: string, image: string) => ({
  metadata: { labels: { app } },
  spec: {
    containers: [{ name: app, image, ports: [{ containerPort: 8080 }], resources: {} }],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
  },
})

/** The objects of a small, believable cluster, by `resource.group`. `pods` more are added to reach that number. */
export function fakeCluster(time: number, pods = 0): Map<string, Map<string, FakeObject>> {
  const m = new FakeMaker(time)
  const world = new Map<string, Map<string, FakeObject>>()
  const add = (key: string, ...objects: FakeObject[]) => {
    let map = world.get(key)
    if (!map) world.set(key, (map = new Map()))
    for (const o of objects) map.set(o.metadata.uid, o)
  }
  const nodes = ['drydock-control-plane', 'drydock-worker', 'drydock-worker2']
  const day = 86_400
  for (const [i, n] of nodes.entries()) {
    add(
      'nodes',
      m.make('v1', 'Node', undefined, n, 9 * day, {
        metadata: {
          labels: {
            'kubernetes.io/hostname': n,
            'kubernetes.io/os': 'linux',
            'kubernetes.io/arch': 'amd64',
            ...(i === 0 ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
          },
        },
        spec: {
          podCIDR: `10.244.${i}.0/24`,
          ...(i === 0 ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } : {}),
        },
        status: {
          capacity: { cpu: '4', memory: '8145988Ki', pods: '110', 'ephemeral-storage': '61255492Ki' },
          allocatable: { cpu: '4', memory: '8043588Ki', pods: '110', 'ephemeral-storage': '56453061334' },
          addresses: [
            { type: 'InternalIP', address: `192.168.49.${2 + i}` },
            { type: 'Hostname', address: n },
          ],
          conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
            type,
            status: type === 'Ready' ? 'True' : 'False',
            reason:
              type === 'Ready'
                ? 'KubeletReady'
                : `KubeletHas${type === 'DiskPressure' ? 'NoDiskPressure' : 'Sufficient' + type.replace('Pressure', '')}`,
            message:
              type === 'Ready' ? 'kubelet is posting ready status' : `kubelet has sufficient ${type.replace('Pressure', '')} available`,
            lastTransitionTime: new Date(time - 9 * day * 1000).toISOString(),
            lastHeartbeatTime: new Date(time - 20_000).toISOString(),
          })),
          nodeInfo: {
            kubeletVersion: 'v1.36.0',
            osImage: 'Debian GNU/Linux 12 (bookworm)',
            kernelVersion: '6.1.0-drydock',
            architecture: 'amd64',
            containerRuntimeVersion: 'containerd://2.1.0',
            operatingSystem: 'linux',
          },
        },
      }),
    )
  }
  for (const [n, age] of [
    ['default', 9],
    ['kube-system', 9],
    ['kube-public', 9],
    ['kube-node-lease', 9],
    ['shop', 6],
    ['team-observability-production', 4],
  ] as const) {
    add(
      'namespaces',
      m.make('v1', 'Namespace', undefined, n, age * day, {
        metadata: { labels: { 'kubernetes.io/metadata.name': n } },
        status: { phase: 'Active' },
      }),
    )
    add('serviceaccounts', m.make('v1', 'ServiceAccount', n, 'default', age * day))
    add(
      'configmaps',
      m.make('v1', 'ConfigMap', n, 'kube-root-ca.crt', age * day, {
        data: { 'ca.crt': '-----BEGIN CERTIFICATE-----\nMIIBdjCCAR2gAwIBAgIBADAK\n-----END CERTIFICATE-----\n' },
      }),
    )
  }
  type State = 'running' | 'crash' | 'pull' | 'creating' | 'pending' | 'done' | 'unready'
  const apps: [string, string, string, number, number, State, boolean?][] = [
    ['shop', 'frontend', 'nginx:1.27', 3, 4 * 3600, 'running'],
    ['shop', 'cart', 'registry.example.com/shop/cart:2.14.1', 2, 2 * day, 'running', true],
    ['shop', 'payments', 'registry.example.com/shop/payments:0.9.0', 2, 3200, 'crash'],
    ['shop', 'recommendations-with-a-rather-long-name', 'registry.example.com/shop/recommendations:nightly-2026-11-20', 1, 640, 'pull'],
    ['default', 'kubia', 'luksa/kubia:v2', 3, 5 * day, 'running'],
    ['default', 'web', 'nginx:1.27', 2, 75, 'creating'],
    ['team-observability-production', 'grafana', 'grafana/grafana:12.1.0', 1, 4 * day, 'unready'],
    ['kube-system', 'coredns', 'registry.k8s.io/coredns/coredns:v1.12.1', 2, 9 * day, 'running'],
  ]
  for (const [ns, app, image, replicas, age, state, sidecar] of apps) {
    const ready = state === 'running' ? replicas : 0
    const labels = { app, ...(ns === 'shop' ? { 'app.kubernetes.io/part-of': 'shop' } : {}) }
    const selector = { matchLabels: { app } }
    const deployment = m.make('apps/v1', 'Deployment', ns, app, age, {
      metadata: { labels, annotations: { 'deployment.kubernetes.io/revision': '3' } },
      spec: {
        replicas,
        selector,
        template: templates(app, image),
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
      },
      status: {
        observedGeneration: 3,
        replicas,
        readyReplicas: ready,
        updatedReplicas: replicas,
        availableReplicas: ready,
        conditions: [
          {
            type: 'Available',
            status: ready === replicas ? 'True' : 'False',
            reason: ready === replicas ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
            message: ready === replicas ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
            lastTransitionTime: new Date(time - age * 900).toISOString(),
          },
          {
            type: 'Progressing',
            status: 'True',
            reason: ready === replicas ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
            message: `ReplicaSet "${app}-6d4cf56db6" has successfully progressed.`,
            lastTransitionTime: new Date(time - age * 900).toISOString(),
          },
        ],
      },
    })
    add('deployments.apps', deployment)
    const rs = m.make('apps/v1', 'ReplicaSet', ns, `${app}-6d4cf56db6`, age, {
      metadata: {
        labels,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: app, uid: deployment.metadata.uid, controller: true }],
        annotations: { 'deployment.kubernetes.io/revision': '3' },
      },
      spec: { replicas, selector, template: templates(app, image) },
      status: { replicas, readyReplicas: ready, availableReplicas: ready },
    })
    add('replicasets.apps', rs)
    if (app === 'cart') {
      const before = m.make('apps/v1', 'ReplicaSet', ns, `${app}-58b7d9c4f`, age + 86_400, {
        metadata: { labels, ownerReferences: rs.metadata.ownerReferences!, annotations: { 'deployment.kubernetes.io/revision': '2' } },
        spec: { replicas: 0, selector, template: templates(app, 'registry.example.com/shop/cart:2.13.0') },
        status: { replicas: 0 },
      })
      before.spec.template.metadata.labels = { app, 'pod-template-hash': '58b7d9c4f' }
      add('replicasets.apps', before)
    }
    for (let i = 0; i < replicas; i++)
      add(
        'pods',
        m.pod(ns, `${app}-6d4cf56db6-${m.suffix()}`, age - i * 7, image, nodes[1 + (i % 2)]!, {
          labels: { ...labels, 'pod-template-hash': '6d4cf56db6' },
          state,
          sidecar: sidecar === true,
          owner: rs,
        }),
      )
    add(
      'services',
      m.make('v1', 'Service', ns, app, age, {
        metadata: { labels },
        spec: {
          type: app === 'frontend' ? 'LoadBalancer' : app === 'kubia' ? 'NodePort' : 'ClusterIP',
          clusterIP: `10.96.${Math.floor(m.random() * 200)}.${Math.floor(m.random() * 250)}`,
          ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP', ...(app === 'kubia' ? { nodePort: 30123 } : {}) }],
          selector: { app },
          sessionAffinity: 'None',
        },
        status: { loadBalancer: app === 'frontend' ? { ingress: [{ ip: '192.168.49.240' }] } : {} },
      }),
    )
  }
  add(
    'services',
    m.make('v1', 'Service', 'default', 'kubernetes', 9 * day, {
      spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443, protocol: 'TCP' }] },
      status: { loadBalancer: {} },
    }),
  )
  const sts = m.make('apps/v1', 'StatefulSet', 'shop', 'db', 3 * day, {
    spec: { replicas: 2, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: templates('db', 'postgres:17') },
    status: { replicas: 2, readyReplicas: 2 },
  })
  add('statefulsets.apps', sts)
  add(
    'pods',
    m.pod('shop', 'db-0', 3 * day, 'postgres:17', nodes[1]!, { labels: { app: 'db' }, owner: sts }),
    m.pod('shop', 'db-1', 3 * day, 'postgres:17', nodes[2]!, { labels: { app: 'db' }, owner: sts }),
  )
  const ds = m.make('apps/v1', 'DaemonSet', 'kube-system', 'kube-proxy', 9 * day, {
    spec: {
      selector: { matchLabels: { 'k8s-app': 'kube-proxy' } },
      template: templates('kube-proxy', 'registry.k8s.io/kube-proxy:v1.36.0'),
    },
    status: { desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 3, numberAvailable: 3 },
  })
  add('daemonsets.apps', ds)
  for (const n of nodes)
    add(
      'pods',
      m.pod('kube-system', `kube-proxy-${m.suffix()}`, 9 * day, 'registry.k8s.io/kube-proxy:v1.36.0', n, {
        labels: { 'k8s-app': 'kube-proxy' },
        owner: ds,
      }),
    )
  const job = m.make('batch/v1', 'Job', 'shop', 'report-29394720', 5 * 3600, {
    spec: { completions: 1, parallelism: 1, template: templates('report', 'busybox:1.37') },
    status: {
      succeeded: 1,
      startTime: new Date(time - 5 * 3600_000).toISOString(),
      completionTime: new Date(time - 5 * 3600_000 + 42_000).toISOString(),
      conditions: [{ type: 'Complete', status: 'True' }],
    },
  })
  add('jobs.batch', job)
  add(
    'pods',
    m.pod('shop', `report-29394720-${m.suffix()}`, 5 * 3600, 'busybox:1.37', nodes[2]!, {
      labels: { 'batch.kubernetes.io/job-name': 'report-29394720' },
      state: 'done',
      owner: job,
    }),
  )
  add('pods', m.pod('default', 'gpu-training', 420, 'nvcr.io/nvidia/pytorch:25.10', '', { state: 'pending' }))
  add(
    'cronjobs.batch',
    m.make('batch/v1', 'CronJob', 'shop', 'report', 6 * day, {
      spec: { schedule: '0 3 * * *', suspend: false, jobTemplate: { spec: { template: templates('report', 'busybox:1.37') } } },
      status: { lastScheduleTime: new Date(time - 5 * 3600_000).toISOString() },
    }),
  )
  add(
    'configmaps',
    m.make('v1', 'ConfigMap', 'shop', 'app-config', 6 * day, {
      data: { 'app.yaml': 'log:\n  level: info\n  format: json\nfeatures:\n  - recommendations\n', CURRENCY: 'EUR', GREETING: '你好' },
    }),
  )
  add(
    'secrets',
    m.make('v1', 'Secret', 'shop', 'db', 6 * day, {
      type: 'Opaque',
      data: { username: btoa('shop'), password: btoa('correct horse battery staple') },
    }),
  )
  add(
    'secrets',
    m.make('v1', 'Secret', 'shop', 'frontend-tls', 6 * day, {
      type: 'kubernetes.io/tls',
      data: {
        'tls.crt': btoa('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'),
        'tls.key': btoa('-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n'),
      },
    }),
  )
  add(
    'ingresses.networking.k8s.io',
    m.make('networking.k8s.io/v1', 'Ingress', 'shop', 'frontend', 6 * day, {
      spec: {
        ingressClassName: 'nginx',
        rules: [
          {
            host: 'shop.example.com',
            http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'frontend', port: { number: 80 } } } }] },
          },
        ],
        tls: [{ hosts: ['shop.example.com'], secretName: 'frontend-tls' }],
      },
    }),
  )
  for (let i = 0; i < 2; i++) {
    add(
      'persistentvolumeclaims',
      m.make('v1', 'PersistentVolumeClaim', 'shop', `data-db-${i}`, 3 * day, {
        spec: {
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'standard',
          volumeName: `pvc-8c1f${i}`,
          resources: { requests: { storage: '8Gi' } },
        },
        status: { phase: 'Bound', capacity: { storage: '8Gi' } },
      }),
    )
    add(
      'persistentvolumes',
      m.make('v1', 'PersistentVolume', undefined, `pvc-8c1f${i}`, 3 * day, {
        spec: {
          capacity: { storage: '8Gi' },
          accessModes: ['ReadWriteOnce'],
          persistentVolumeReclaimPolicy: 'Delete',
          storageClassName: 'standard',
          claimRef: { namespace: 'shop', name: `data-db-${i}` },
        },
        status: { phase: 'Bound' },
      }),
    )
  }
  add(
    'storageclasses.storage.k8s.io',
    m.make('storage.k8s.io/v1', 'StorageClass', undefined, 'standard', 9 * day, {
      provisioner: 'rancher.io/local-path',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    }),
  )
  add(
    'certificates.cert-manager.io',
    m.make('cert-manager.io/v1', 'Certificate', 'shop', 'frontend', 6 * day, {
      spec: { secretName: 'frontend-tls', dnsNames: ['shop.example.com'], issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' } },
      status: {
        notAfter: '2027-01-19T08:00:00Z',
        conditions: [{ type: 'Ready', status: 'True', reason: 'Ready', message: 'Certificate is up to date and has not expired' }],
      },
    }),
  )
  const have = world.get('pods')?.size ?? 0
  for (let i = have; i < pods; i++)
    add(
      'pods',
      m.pod(`team-${i % 40}`, `worker-7c9f8d6b54-${m.suffix()}${i}`, 100 + i, 'busybox:1.37', `node-${i % 300}`, {
        labels: { app: 'worker', shard: String(i % 16) },
        state: i % 97 === 0 ? 'crash' : 'running',
      }),
    )
  return world
}
