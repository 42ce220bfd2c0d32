import type { Path, Value } from '../yaml-text.js'
import type { Field, Section } from './form.js'

const probe = (which: 'readiness' | 'liveness'): Field[] => {
  const key = `${which}Probe`
  return [
    { id: `${which}Path`, path: [key, 'httpGet', 'path'], type: 'text', mono: true, placeholder: '/healthz' },
    { id: `${which}Port`, path: [key, 'httpGet', 'port'], type: 'intOrString', placeholder: '8080' },
    { id: `${which}Delay`, path: [key, 'initialDelaySeconds'], type: 'number', min: 0, placeholder: '0' },
    { id: `${which}Period`, path: [key, 'periodSeconds'], type: 'number', min: 1, placeholder: '10' },
  ]
}

const container: Field[] = [
  { id: 'containerName', path: ['name'], type: 'text', required: true },
  { id: 'image', path: ['image'], type: 'text', mono: true, required: true, placeholder: 'nginx:1.27' },
  { id: 'command', path: ['command'], type: 'words', hint: 'words' },
  { id: 'args', path: ['args'], type: 'words' },
  {
    id: 'ports',
    path: ['ports'],
    type: 'list',
    compact: true,
    wide: true,
    item: () => ({ containerPort: 80 }),
    title: (p, i) => String(p?.name ?? p?.containerPort ?? i + 1),
    fields: [
      { id: 'containerPort', path: ['containerPort'], type: 'number', min: 1, required: true },
      { id: 'portName', path: ['name'], type: 'text', placeholder: 'http' },
      { id: 'protocol', path: ['protocol'], type: 'select', options: ['TCP', 'UDP', 'SCTP'], standard: 'TCP' },
    ],
  },
  { id: 'env', path: ['env'], type: 'env', wide: true },
  { id: 'envFrom', path: ['envFrom'], type: 'envFrom', wide: true },
  { id: 'cpuRequest', path: ['resources', 'requests', 'cpu'], type: 'text', mono: true, placeholder: '100m' },
  { id: 'memoryRequest', path: ['resources', 'requests', 'memory'], type: 'text', mono: true, placeholder: '128Mi' },
  { id: 'cpuLimit', path: ['resources', 'limits', 'cpu'], type: 'text', mono: true, placeholder: '500m' },
  { id: 'memoryLimit', path: ['resources', 'limits', 'memory'], type: 'text', mono: true, placeholder: '256Mi' },
  {
    id: 'volumeMounts',
    path: ['volumeMounts'],
    type: 'list',
    compact: true,
    wide: true,
    item: () => ({ name: '', mountPath: '' }),
    title: (m, i) => String(m?.mountPath || i + 1),
    fields: [
      { id: 'volumeName', path: ['name'], type: 'text', choice: 'volumes', required: true },
      { id: 'mountPath', path: ['mountPath'], type: 'text', mono: true, required: true, placeholder: '/data' },
      { id: 'readOnly', path: ['readOnly'], type: 'check' },
    ],
  },
  ...probe('readiness'),
  ...probe('liveness'),
  {
    id: 'imagePullPolicy',
    path: ['imagePullPolicy'],
    type: 'select',
    options: ['IfNotPresent', 'Always', 'Never'],
  },
]

/** The sections of a pod template: containers, volumes, the pod itself. `spec` is the path of the pod's spec. */
export function podTemplate(spec: Path, restartPolicies?: readonly string[]): Section[] {
  return [
    {
      id: 'containers',
      fields: [
        {
          id: 'containers',
          path: [...spec, 'containers'],
          type: 'list',
          wide: true,
          bare: true,
          item: () => ({ name: '', image: '' }),
          title: (c, i) => String(c?.name || i + 1),
          fields: container,
        },
      ],
    },
    {
      id: 'volumes',
      folded: true,
      fields: [
        {
          id: 'volumes',
          path: [...spec, 'volumes'],
          type: 'list',
          wide: true,
          bare: true,
          item: () => ({ name: '', emptyDir: {} }),
          title: (v, i) => String(v?.name || i + 1),
          fields: [
            { id: 'volumeName', path: ['name'], type: 'text', required: true },
            { id: 'configMap', path: ['configMap', 'name'], type: 'text', choice: 'configMaps' },
            { id: 'secret', path: ['secret', 'secretName'], type: 'text', choice: 'secrets' },
            { id: 'claim', path: ['persistentVolumeClaim', 'claimName'], type: 'text', choice: 'claims' },
            { id: 'emptyDir', path: ['emptyDir'], type: 'presence', value: {} },
          ],
        },
      ],
    },
    {
      id: 'pod',
      folded: true,
      fields: [
        ...(restartPolicies
          ? [{ id: 'restartPolicy', path: [...spec, 'restartPolicy'], type: 'select', options: restartPolicies } satisfies Field]
          : []),
        {
          id: 'serviceAccountName',
          path: [...spec, 'serviceAccountName'],
          type: 'text',
          choice: 'serviceAccounts',
          placeholder: 'default',
        },
        { id: 'gracePeriod', path: [...spec, 'terminationGracePeriodSeconds'], type: 'number', min: 0, placeholder: '30' },
        { id: 'nodeSelector', path: [...spec, 'nodeSelector'], type: 'pairs', wide: true },
        {
          id: 'imagePullSecrets',
          path: [...spec, 'imagePullSecrets'],
          type: 'list',
          compact: true,
          wide: true,
          item: () => ({ name: '' }),
          title: (s, i) => String(s?.name || i + 1),
          fields: [{ id: 'secret', path: ['name'], type: 'text', choice: 'secrets' }],
        },
      ],
    },
  ]
}

/** The changes that keep labels and selectors in step with a new name: those called `app` or `app.kubernetes.io/name` that had the old one. */
export function followName(object: Value, path: string, to: Value, maps: readonly Path[]): { path: Path; value: Value }[] {
  const from: unknown = object?.metadata?.name
  if (path !== 'metadata.name' || !from || !to) return []
  return maps.flatMap((map) => {
    const found = map.reduce((v: Value, step) => v?.[step], object)
    return ['app', 'app.kubernetes.io/name'].filter((key) => found?.[key] === from).map((key) => ({ path: [...map, key], value: to }))
  })
}
