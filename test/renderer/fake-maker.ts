/** Makes the objects of the fake cluster. */

/** A Kubernetes object, loosely. */
export interface FakeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    uid: string
    creationTimestamp: string
    resourceVersion: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]
    deletionTimestamp?: string
  }
  // The shapes of some thirty kinds: tests and the fake read them by hand.
  // oxlint-disable-next-line typescript/no-explicit-any
  [key: string]: any
}

/** A repeatable random source (mulberry32). */
export function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Makes objects with uids and times of birth that are the same in every run. */
export class FakeMaker {
  private n = 0
  private version = 1000
  readonly random: () => number
  constructor(
    readonly time: number,
    seed = 7,
  ) {
    this.random = random(seed)
  }

  /** Five characters as Kubernetes generates them for names. */
  suffix(): string {
    const letters = 'bcdfghjklmnpqrstvwxz2456789'
    return Array.from({ length: 5 }, () => letters[Math.floor(this.random() * letters.length)]).join('')
  }

  revision(): string {
    return String(++this.version)
  }

  make(
    apiVersion: string,
    kindName: string,
    namespace: string | undefined,
    name: string,
    ageSeconds: number,
    rest: Record<string, unknown> & { metadata?: Partial<FakeObject['metadata']> } = {},
  ): FakeObject {
    const { metadata, ...body } = rest
    const uid = `${(++this.n).toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`
    return {
      apiVersion,
      kind: kindName,
      metadata: {
        name,
        ...(namespace ? { namespace } : {}),
        uid,
        resourceVersion: this.revision(),
        creationTimestamp: new Date(this.time - ageSeconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
        ...metadata,
      },
      ...body,
    }
  }

  pod(
    namespace: string,
    name: string,
    age: number,
    image: string,
    node: string,
    options: {
      labels?: Record<string, string>
      state?: 'running' | 'crash' | 'pull' | 'creating' | 'pending' | 'done' | 'unready'
      sidecar?: boolean
      owner?: FakeObject
    } = {},
  ): FakeObject {
    const state = options.state ?? 'running'
    const started = new Date(this.time - age * 1000 + 2000).toISOString().replace(/\.\d+Z$/, 'Z')
    const container = name.split('-')[0] ?? 'main'
    const containers = [
      {
        name: container,
        image,
        ports: [{ containerPort: 8080, name: 'http', protocol: 'TCP' }],
        env: [
          { name: 'LOG_LEVEL', value: 'info' },
          { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
          { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
        ],
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
        volumeMounts: [
          { name: 'config', mountPath: '/etc/app' },
          { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
        ],
        livenessProbe: {
          httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
          periodSeconds: 10,
          timeoutSeconds: 1,
          failureThreshold: 3,
          successThreshold: 1,
        },
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
      },
    ]
    if (options.sidecar) {
      containers.push({ ...containers[0]!, name: 'log-shipper', image: 'fluent/fluent-bit:3.1', ports: [], env: [], volumeMounts: [] })
    }
    const status = (n: string, img: string) => {
      const last =
        state === 'crash'
          ? {
              terminated: {
                exitCode: 1,
                reason: 'Error',
                startedAt: started,
                finishedAt: new Date(this.time - 40_000).toISOString(),
                containerID: 'containerd://8e1b',
              },
            }
          : {}
      const current =
        state === 'crash'
          ? { waiting: { reason: 'CrashLoopBackOff', message: `back-off 5m0s restarting failed container=${n} pod=${name}_${namespace}` } }
          : state === 'pull'
            ? { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${img}"` } }
            : state === 'creating' || state === 'pending'
              ? { waiting: { reason: 'ContainerCreating' } }
              : state === 'done'
                ? {
                    terminated: {
                      exitCode: 0,
                      reason: 'Completed',
                      startedAt: started,
                      finishedAt: new Date(this.time - age * 500).toISOString(),
                    },
                  }
                : { running: { startedAt: started } }
      return {
        name: n,
        image: img,
        imageID: `docker.io/${img}@sha256:4f1c`,
        containerID: state === 'running' ? 'containerd://5f0c8e' : '',
        ready: state === 'running',
        started: state === 'running' || state === 'unready',
        restartCount: state === 'crash' ? 14 : 0,
        state: current,
        lastState: last,
      }
    }
    const ready = state === 'running'
    const phase = state === 'done' ? 'Succeeded' : state === 'pending' || state === 'creating' || state === 'pull' ? 'Pending' : 'Running'
    const condition = (type: string, ok: boolean, reason?: string) => ({
      type,
      status: ok ? 'True' : 'False',
      lastTransitionTime: started,
      ...(ok || !reason ? {} : { reason, message: `containers with unready status: [${container}]` }),
    })
    return this.make('v1', 'Pod', namespace, name, age, {
      metadata: {
        labels: options.labels ?? {},
        ...(options.owner
          ? {
              ownerReferences: [
                {
                  apiVersion: options.owner.apiVersion,
                  kind: options.owner.kind,
                  name: options.owner.metadata.name,
                  uid: options.owner.metadata.uid,
                  controller: true,
                },
              ],
            }
          : {}),
      },
      spec: {
        nodeName: state === 'pending' ? undefined : node,
        serviceAccountName: 'default',
        restartPolicy: state === 'done' ? 'Never' : 'Always',
        terminationGracePeriodSeconds: 30,
        containers,
        volumes: [
          { name: 'config', configMap: { name: 'app-config', defaultMode: 420 } },
          { name: 'kube-api-access', projected: { sources: [] } },
        ],
        tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }],
      },
      status: {
        phase,
        qosClass: 'Burstable',
        podIP: state === 'pending' ? undefined : `10.244.${1 + (this.n % 2)}.${(this.n % 250) + 2}`,
        hostIP: '192.168.49.3',
        startTime: started,
        conditions: [
          condition('PodScheduled', state !== 'pending'),
          condition('Initialized', true),
          condition('ContainersReady', ready, 'ContainersNotReady'),
          condition('Ready', ready, 'ContainersNotReady'),
        ],
        containerStatuses: state === 'pending' ? [] : containers.map((c) => status(c.name, c.image)),
      },
    })
  }
}
