import { selectorText } from '../../actions/run.js'
import type { KubeObject } from '../../stores/object.js'

/** One sentence of a NetworkPolicy: who may talk, on which ports. */
export interface PolicySentence {
  direction: 'Ingress' | 'Egress'
  /** Empty: nobody. */
  peers: PolicyPeer[]
  /** `TCP 80`, `TCP 8000–8080`; empty: all ports. */
  ports: string[]
  /** No rule: the direction is closed. */
  closed?: boolean
}

export type PolicyPeer =
  | { type: 'everyone' }
  | { type: 'block'; cidr: string; except: string[] }
  /** Undefined `pods`: all pods; undefined `namespaces`: the policy's own; empty text: all. */
  | { type: 'pods'; pods?: string; namespaces?: string }

type Rule = KubeObject['spec']

/** What a NetworkPolicy says, direction by direction. A direction that it does not name is not restricted and not told. */
export function policySentences(policy: KubeObject): PolicySentence[] {
  const spec = policy.spec ?? {}
  const types: string[] = spec.policyTypes ?? ['Ingress', ...(spec.egress ? ['Egress'] : [])]
  return (['Ingress', 'Egress'] as const)
    .filter((d) => types.includes(d))
    .flatMap((direction): PolicySentence[] => {
      const rules: Rule[] = (direction === 'Ingress' ? spec.ingress : spec.egress) ?? []
      if (rules.length === 0) return [{ direction, peers: [], ports: [], closed: true }]
      return rules.map((r) => ({
        direction,
        peers: peersOf((direction === 'Ingress' ? r.from : r.to) ?? []),
        ports: ((r.ports ?? []) as Rule[]).map(portText),
      }))
    })
}

function peersOf(peers: Rule[]): PolicyPeer[] {
  if (peers.length === 0) return [{ type: 'everyone' }]
  return peers.map((p): PolicyPeer => {
    if (p.ipBlock) return { type: 'block', cidr: p.ipBlock.cidr, except: p.ipBlock.except ?? [] }
    return {
      type: 'pods',
      ...(p.podSelector ? { pods: selectorText(p.podSelector) } : {}),
      ...(p.namespaceSelector ? { namespaces: selectorText(p.namespaceSelector) } : {}),
    }
  })
}

function portText(p: Rule): string {
  const port = p.port === undefined ? '' : ` ${p.port}${p.endPort ? `–${p.endPort}` : ''}`
  return `${p.protocol ?? 'TCP'}${port}`
}
