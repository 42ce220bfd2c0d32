/**
 * The Ingress controller. Its IngressClass `nginx` is there from the start; its namespace and its pod come when the first
 * Ingress does, so that a cluster without any is no heavier. It is an ordinary Deployment of ingress-nginx' image, on the
 * control plane's node, whose ports 80 and 443 it takes, as minikube's addon does.
 */
import { resources, type Client, type Informers } from '../api/client.js'
import type { Ingress } from '../api/kinds/ingress.js'
import type { IngressClass } from '../api/kinds/ingressclass.js'
import type { KubeObject, Namespace } from '../api/object.js'
import { createObject } from './create.js'

const NAMESPACE = 'ingress-nginx'
const NAME = 'ingress-nginx'
const CONTROLLER = 'ingress-nginx-controller'
const IMAGE = 'registry.k8s.io/ingress-nginx/controller:v1.14.1'
const CLASS = 'nginx'
const CLASSES = { group: 'networking.k8s.io', version: 'v1', resource: 'ingressclasses' }
const INGRESSES = { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' }
/** On the IngressClass while the controller is still to come; removing it keeps it away. */
const ON_DEMAND = 'drydock.dev/install-controller'

/** On the namespace that this made; one that a person made has a controller of its own. */
const OURS = 'drydock.dev/addon'

const labels = { 'app.kubernetes.io/instance': NAME, 'app.kubernetes.io/name': NAME }
const selector = { ...labels, 'app.kubernetes.io/component': 'controller' }

/** What a new cluster has of it. */
export const nginxIngressClass: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: CLASS, labels: selector, annotations: { [ON_DEMAND]: 'with-first-ingress' } },
  spec: { controller: 'k8s.io/ingress-nginx' },
} as KubeObject

export interface IngressAddonOptions {
  client: Client
  informers: Informers
  log(message: string, error: unknown): void
}

/** Installs the controller when an Ingress is there that it would serve. Returns a function that stops. */
export function startIngressAddon({ client, informers, log }: IngressAddonOptions): () => void {
  const classes = informers.for<IngressClass>(CLASSES)
  const ingresses = informers.for<Ingress>(INGRESSES)
  const namespaces = informers.for<Namespace>(resources.namespaces)
  let installing = false
  const look = (): void => {
    const nginx = classes.get('', CLASS)
    if (installing || !nginx?.metadata.annotations?.[ON_DEMAND]) return
    const namespace = namespaces.get('', NAMESPACE)
    if (namespace && !namespace.metadata.annotations?.[OURS]) return
    const wanted = [...ingresses.list()].some((i) => [undefined, '', CLASS].includes(i.spec?.ingressClassName ?? undefined))
    if (!wanted) return
    installing = true
    void install(client)
      .catch((error: unknown) => log('the Ingress controller cannot be installed', error))
      .finally(() => (installing = false))
  }
  const stops = [ingresses.on({ add: look, update: look }), classes.on({ add: look, update: look })]
  return () => {
    for (const stop of stops) stop()
  }
}

async function install(client: Client): Promise<void> {
  for (const object of controllerObjects()) await createObject(client, object)
  await client
    .resource(CLASSES)
    .patch('', CLASS, { metadata: { annotations: { [ON_DEMAND]: null } } }, { type: 'merge', fieldManager: 'ingress-nginx-addon' })
}

type Body = Record<string, unknown>

function object(apiVersion: string, kind: string, name: string, body: Body, clusterWide = false): KubeObject {
  return { apiVersion, kind, metadata: { name, labels: selector, ...(clusterWide ? {} : { namespace: NAMESPACE }) }, ...body }
}

/** All objects of the controller, in the order of their creation. */
export function controllerObjects(): KubeObject[] {
  const rule = (apiGroups: string[], names: string[], verbs: string[]): Body => ({ apiGroups, resources: names, verbs })
  const read = ['get', 'list', 'watch']
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }]
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: NAME }
  const field = (name: string, fieldPath: string): Body => ({ name, valueFrom: { fieldRef: { fieldPath } } })
  const probe = {
    httpGet: { path: '/healthz', port: 10254, scheme: 'HTTP' },
    initialDelaySeconds: 10,
    periodSeconds: 10,
    timeoutSeconds: 1,
  }
  const ports = [
    { name: 'http', port: 80, protocol: 'TCP', targetPort: 'http', appProtocol: 'http' },
    { name: 'https', port: 443, protocol: 'TCP', targetPort: 'https', appProtocol: 'https' },
  ]
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels, annotations: { [OURS]: NAME } } },
    object('v1', 'ServiceAccount', NAME, {}),
    object(
      'rbac.authorization.k8s.io/v1',
      'ClusterRole',
      NAME,
      {
        rules: [
          rule([''], ['configmaps', 'endpoints', 'nodes', 'pods', 'secrets', 'services', 'namespaces'], read),
          rule([''], ['events'], ['create', 'patch']),
          rule(['networking.k8s.io'], ['ingresses', 'ingressclasses'], read),
          rule(['networking.k8s.io'], ['ingresses/status'], ['update']),
          rule(['discovery.k8s.io'], ['endpointslices'], read),
          rule(['coordination.k8s.io'], ['leases'], ['get', 'list', 'watch', 'create', 'update']),
        ],
      },
      true,
    ),
    object('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', NAME, { roleRef, subjects }, true),
    object('v1', 'ConfigMap', CONTROLLER, { data: {} }),
    object('v1', 'Service', CONTROLLER, { spec: { type: 'NodePort', selector, ports } }),
    object('apps/v1', 'Deployment', CONTROLLER, {
      spec: {
        replicas: 1,
        revisionHistoryLimit: 10,
        selector: { matchLabels: selector },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        template: {
          metadata: { labels: selector },
          spec: {
            serviceAccountName: NAME,
            terminationGracePeriodSeconds: 0,
            nodeSelector: { 'kubernetes.io/os': 'linux', 'node-role.kubernetes.io/control-plane': '' },
            tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
            containers: [
              {
                name: 'controller',
                image: IMAGE,
                imagePullPolicy: 'IfNotPresent',
                args: [
                  '/nginx-ingress-controller',
                  '--ingress-class=nginx',
                  '--controller-class=k8s.io/ingress-nginx',
                  '--watch-ingress-without-class=true',
                  '--report-node-internal-ip-address',
                  `--configmap=$(POD_NAMESPACE)/${CONTROLLER}`,
                ],
                env: [field('POD_NAME', 'metadata.name'), field('POD_NAMESPACE', 'metadata.namespace')],
                ports: [
                  { name: 'http', containerPort: 80, hostPort: 80, protocol: 'TCP' },
                  { name: 'https', containerPort: 443, hostPort: 443, protocol: 'TCP' },
                ],
                livenessProbe: { ...probe, failureThreshold: 5 },
                readinessProbe: { ...probe, initialDelaySeconds: 0, periodSeconds: 5, failureThreshold: 3 },
                resources: { requests: { cpu: '100m', memory: '90Mi' } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
                  runAsNonRoot: true,
                  runAsUser: 101,
                  runAsGroup: 82,
                  seccompProfile: { type: 'RuntimeDefault' },
                },
              },
            ],
          },
        },
      },
    }),
  ]
}

/** What the nodes of a new cluster have already, so that the controller starts at once. */
export const ingressImages: readonly string[] = [IMAGE]
