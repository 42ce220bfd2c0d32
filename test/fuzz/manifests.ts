/** Objects that are right, to be spoiled: those that a real API server accepted in the recorded cases, and some for the kinds that these leave out. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

export type Manifest = Record<string, unknown> & { apiVersion: string; kind: string; metadata: Record<string, unknown> }

const recorded = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../data/recorded/answers.jsonl')

/** One recorded request. */
export interface RecordedStep {
  readonly method: string
  readonly path: string
  readonly contentType?: string
  readonly accept?: string
  readonly body?: unknown
}

interface RecordedCase {
  readonly setup?: readonly RecordedStep[]
  readonly steps: readonly RecordedStep[]
}

/** All recorded requests; those that must wait for something are as good as the others here. */
export function recordedSteps(namespace: string): RecordedStep[] {
  const text = fs.readFileSync(recorded, 'utf8').replaceAll('{{ns}}', namespace)
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as RecordedCase).flatMap((c) => [...(c.setup ?? []), ...c.steps])
}

const OTHERS = `
{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: a}, spec: {attachRequired: true, tokenRequests: [{audience: x}]}}
---
{apiVersion: storage.k8s.io/v1, kind: CSINode, metadata: {name: a}, spec: {drivers: [{name: d, nodeID: n, topologyKeys: [k], allocatable: {count: 3}}]}}
---
{apiVersion: storage.k8s.io/v1, kind: CSIStorageCapacity, metadata: {name: a}, storageClassName: a, capacity: 1Gi, nodeTopology: {matchLabels: {a: b}}}
---
{apiVersion: storage.k8s.io/v1, kind: VolumeAttachment, metadata: {name: a}, spec: {attacher: d, nodeName: n, source: {persistentVolumeName: a}}}
---
{apiVersion: storage.k8s.io/v1, kind: VolumeAttributesClass, metadata: {name: a}, driverName: d.example, parameters: {a: b}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {schedule: '*/5 * * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}}}}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, maxReplicas: 3, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}], behavior: {scaleDown: {policies: [{type: Pods, value: 1, periodSeconds: 60}]}}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {minAvailable: 50%, selector: {matchLabels: {app: a}}}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: a, labels: {kubernetes.io/service-name: a}}, addressType: IPv4, endpoints: [{addresses: [10.1.2.3], conditions: {ready: true}}], ports: [{name: http, port: 80, protocol: TCP}]}
---
{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: a}, eventTime: '2024-01-01T00:00:00.000000Z', reportingController: a.example/x, reportingInstance: i, action: A, reason: R, type: Normal, regarding: {kind: Pod, name: a, namespace: default}}
---
{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: a}, spec: {request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth]}}
---
{apiVersion: networking.k8s.io/v1, kind: IPAddress, metadata: {name: 10.96.0.77}, spec: {parentRef: {resource: services, namespace: default, name: a}}}
---
{apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: a}, spec: {cidrs: [10.200.0.0/24]}}
---
{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: a}, revision: 1, data: {a: {b: [1, 2]}}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: a}, spec: {policyName: a, validationActions: [Deny]}}
---
{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, metadata: {name: a}, spec: {priorityLevelConfiguration: {name: exempt}, matchingPrecedence: 1000, rules: [{subjects: [{kind: Group, group: {name: g}}], nonResourceRules: [{verbs: ['*'], nonResourceURLs: ['*']}]}]}}
---
{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: PriorityLevelConfiguration, metadata: {name: a}, spec: {type: Limited, limited: {nominalConcurrencyShares: 5, limitResponse: {type: Reject}}}}
---
{apiVersion: resource.k8s.io/v1, kind: DeviceClass, metadata: {name: a}, spec: {selectors: [{cel: {expression: 'true'}}]}}
---
{apiVersion: resource.k8s.io/v1, kind: ResourceClaim, metadata: {name: a}, spec: {devices: {requests: [{name: r, exactly: {deviceClassName: a, count: 1, allocationMode: ExactCount}}]}}}
---
{apiVersion: fuzz.example/v1, kind: Widget, metadata: {name: a}, spec: {size: 3, names: [x], parts: [{name: p, count: 1}], free: {any: [thing]}}}
---
{apiVersion: policy/v1, kind: Eviction, metadata: {name: a}, deleteOptions: {gracePeriodSeconds: 0}}
---
{apiVersion: v1, kind: Binding, metadata: {name: a}, target: {kind: Node, name: none}}
---
{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, metadata: {}, spec: {expirationSeconds: 3600, audiences: [x]}}
---
{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: a}, spec: {replicas: 2}}
`

/** The definition of the custom resource `Widget`, which makes use of all that a structural schema can say. */
export const WIDGETS: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.fuzz.example' },
  spec: {
    group: 'fuzz.example',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', shortNames: ['wd'] },
    versions: ['v1', 'v2'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
      additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              required: ['size'],
              'x-kubernetes-validations': [{ rule: 'self.size < 100', message: 'too large' }],
              properties: {
                size: { type: 'integer', minimum: 0, maximum: 1000, default: 1 },
                names: { type: 'array', items: { type: 'string', pattern: '^[a-z]+$' }, 'x-kubernetes-list-type': 'set', maxItems: 20 },
                parts: {
                  type: 'array',
                  maxItems: 20,
                  'x-kubernetes-list-type': 'map',
                  'x-kubernetes-list-map-keys': ['name'],
                  items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, count: { type: 'integer' } } },
                },
                free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                when: { type: 'string', format: 'date-time' },
                either: { 'x-kubernetes-int-or-string': true },
              },
            },
            status: { type: 'object', properties: { size: { type: 'integer' } } },
          },
        },
      },
    })),
  },
}

/** Objects by `apiVersion kind`, at most a few of each. */
export function manifests(namespace: string): Map<string, Manifest[]> {
  const all: unknown[] = recordedSteps(namespace).map((step) => step.body)
  for (const document of parseAllDocuments(OTHERS)) all.push((document as { toJS(): unknown }).toJS())
  const found = new Map<string, Manifest[]>()
  for (const body of all) {
    const object = body as Partial<Manifest> | null | undefined
    if (typeof object !== 'object' || !object?.apiVersion || !object.kind || typeof object.metadata !== 'object') continue
    const key = `${object.apiVersion} ${object.kind}`
    const list = found.get(key) ?? []
    if (list.length < 40) found.set(key, [...list, object as Manifest])
  }
  return found
}
