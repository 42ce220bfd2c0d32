import type { Kubectl } from './app.js'

/** Two kinds of the Gateway API (https://gateway-api.sigs.k8s.io), a Gateway `edge` and an HTTPRoute `shop` that it does not take up. */
export function gatewayApi(kubectl: Kubectl): void {
  const group = 'gateway.networking.k8s.io'
  const definition = (kind: string, plural: string) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api' },
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  })
  for (const [kind, plural] of [
    ['Gateway', 'gateways'],
    ['HTTPRoute', 'httproutes'],
  ] as const) {
    kubectl('apply -f -', JSON.stringify(definition(kind, plural)))
    kubectl(`wait --for=condition=Established crd/${plural}.${group} --timeout=30s`)
  }
  const apply = (object: object) => kubectl('apply -f -', JSON.stringify({ apiVersion: `${group}/v1`, ...object }))
  apply({
    kind: 'Gateway',
    metadata: { name: 'edge', namespace: 'default' },
    spec: { gatewayClassName: 'nginx', listeners: [{ name: 'http', protocol: 'HTTP', port: 80 }] },
    status: {
      conditions: [
        { type: 'Programmed', status: 'True', reason: 'Programmed' },
        { type: 'Accepted', status: 'True' },
      ],
    },
  })
  apply({
    kind: 'HTTPRoute',
    metadata: { name: 'shop', namespace: 'default' },
    spec: {
      hostnames: ['shop.example'],
      parentRefs: [{ name: 'edge' }],
      rules: [
        {
          backendRefs: [
            { name: 'web', port: 80, weight: 9 },
            { name: 'beta', port: 80, weight: 1 },
          ],
        },
      ],
    },
    status: {
      parents: [{ parentRef: { name: 'edge' }, conditions: [{ type: 'Accepted', status: 'False', reason: 'NotAllowedByListeners' }] }],
    },
  })
}
