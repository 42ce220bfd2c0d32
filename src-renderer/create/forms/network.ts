import { identity, labels, type Form } from './form.js'
import { followName } from './pod-template.js'

const external = (o: { spec?: { type?: string } } | undefined): boolean => ['NodePort', 'LoadBalancer'].includes(o?.spec?.type ?? '')

export const service: Form = {
  apiVersion: 'v1',
  kind: 'Service',
  sections: [
    identity(
      {
        id: 'serviceType',
        path: ['spec', 'type'],
        type: 'select',
        options: ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'],
        standard: 'ClusterIP',
      },
      labels,
    ),
    {
      id: 'target',
      fields: [
        { id: 'externalName', path: ['spec', 'externalName'], type: 'text', mono: true, when: (o) => o?.spec?.type === 'ExternalName' },
        { id: 'selector', path: ['spec', 'selector'], type: 'selector', wide: true, when: (o) => o?.spec?.type !== 'ExternalName' },
        {
          id: 'servicePorts',
          path: ['spec', 'ports'],
          type: 'list',
          compact: true,
          wide: true,
          item: () => ({ port: 80 }),
          title: (p, i) => String(p?.name ?? p?.port ?? i + 1),
          fields: [
            { id: 'portName', path: ['name'], type: 'text', placeholder: 'http' },
            { id: 'port', path: ['port'], type: 'number', min: 1, required: true },
            { id: 'targetPort', path: ['targetPort'], type: 'intOrString', placeholder: '8080' },
            { id: 'nodePort', path: ['nodePort'], type: 'number', min: 1 },
            { id: 'protocol', path: ['protocol'], type: 'select', options: ['TCP', 'UDP', 'SCTP'], standard: 'TCP' },
          ],
        },
      ],
    },
    {
      id: 'more',
      folded: true,
      fields: [
        { id: 'clusterIP', path: ['spec', 'clusterIP'], type: 'text', mono: true, hint: 'clusterIP', placeholder: 'None' },
        { id: 'sessionAffinity', path: ['spec', 'sessionAffinity'], type: 'select', options: ['None', 'ClientIP'], standard: 'None' },
        {
          id: 'externalTraffic',
          path: ['spec', 'externalTrafficPolicy'],
          type: 'select',
          options: ['Cluster', 'Local'],
          standard: 'Cluster',
          when: external,
        },
      ],
    },
  ],
  follow: (o, path, value) => followName(o, path, value, [['metadata', 'labels']]),
}

export const ingress: Form = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  sections: [
    identity({ id: 'ingressClass', path: ['spec', 'ingressClassName'], type: 'text', choice: 'ingressClasses' }),
    {
      id: 'rules',
      fields: [
        {
          id: 'rules',
          path: ['spec', 'rules'],
          type: 'list',
          wide: true,
          bare: true,
          item: () => ({
            host: '',
            http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: '', port: { number: 80 } } } }] },
          }),
          title: (r, i) => String(r?.host || `* ${i + 1}`),
          fields: [
            { id: 'host', path: ['host'], type: 'text', mono: true, placeholder: 'shop.example' },
            {
              id: 'paths',
              path: ['http', 'paths'],
              type: 'list',
              compact: true,
              wide: true,
              item: () => ({ path: '/', pathType: 'Prefix', backend: { service: { name: '', port: { number: 80 } } } }),
              title: (p, i) => String(p?.path ?? i + 1),
              fields: [
                { id: 'path', path: ['path'], type: 'text', mono: true, placeholder: '/' },
                { id: 'pathType', path: ['pathType'], type: 'select', options: ['Prefix', 'Exact', 'ImplementationSpecific'] },
                { id: 'service', path: ['backend', 'service', 'name'], type: 'text', choice: 'services', required: true },
                { id: 'servicePort', path: ['backend', 'service', 'port'], type: 'servicePort', required: true },
              ],
            },
          ],
        },
      ],
    },
    {
      id: 'tls',
      folded: true,
      fields: [
        {
          id: 'tls',
          path: ['spec', 'tls'],
          type: 'list',
          wide: true,
          bare: true,
          item: () => ({ hosts: [], secretName: '' }),
          title: (entry, i) => String(entry?.secretName || i + 1),
          fields: [
            { id: 'tlsSecret', path: ['secretName'], type: 'text', choice: 'tlsSecrets' },
            { id: 'hosts', path: ['hosts'], type: 'words' },
          ],
        },
      ],
    },
  ],
}
