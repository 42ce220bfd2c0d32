/**
 * Keeps a pod in the zone and region that the labels of its bound volumes name
 * (https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone).
 */
import type { Informer, Informers } from '../../api/client.js'
import { resources } from '../../api/client.js'
import type { ClusterEvent, NodeFilter, Plugin } from '../framework.js'
import { reject } from '../framework.js'
import type { PodInfo } from '../podinfo.js'
import type { Claim, Volume } from './podclaims.js'
import { claimNamesOf } from './podclaims.js'
import { isPlace, movesPlaces } from './volumehints.js'

/** The labels that tell a place, each with the older spelling that volumes and nodes may still carry. */
const PLACES = [
  ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'],
] as const
/** Between the zones of a volume that is in more than one. */
const SEPARATOR = '__'

const wrongZone = reject('node(s) had no available volume zone', true)

export class VolumeZone implements Plugin {
  readonly name = 'VolumeZone'
  private readonly claims: Informer<Claim>
  private readonly volumes: Informer<Volume>

  constructor(informers: Informers) {
    this.claims = informers.for<Claim>(resources.persistentvolumeclaims)
    this.volumes = informers.for<Volume>(resources.persistentvolumes)
  }

  helps(event: ClusterEvent, pod: PodInfo): boolean {
    return event.type === 'VolumeChange' ? movesPlaces(event.change, pod, PLACES.flat()) : isPlace(event)
  }

  filter(pod: PodInfo): NodeFilter | undefined {
    const wanted = this.placesOf(pod)
    if (wanted.length === 0) return undefined
    return {
      check: ({ labels }) => {
        // A cluster of one zone may not label its nodes at all.
        if (!PLACES.some((keys) => keys.some((k) => labels[k] !== undefined))) return undefined
        for (const { keys, values } of wanted) {
          const here = labels[keys[0]] ?? labels[keys[1]]
          if (here === undefined || !values.includes(here)) return wrongZone
        }
        return undefined
      },
    }
  }

  private placesOf(pod: PodInfo): { keys: (typeof PLACES)[number]; values: readonly string[] }[] {
    const places: { keys: (typeof PLACES)[number]; values: readonly string[] }[] = []
    for (const name of claimNamesOf(pod.pod)) {
      const bound = this.claims.get(pod.namespace, name)?.spec?.volumeName
      const labels = bound ? this.volumes.get('', bound)?.metadata.labels : undefined
      for (const keys of labels ? PLACES : [])
        for (const key of keys) {
          const value = labels![key]
          if (value !== undefined) places.push({ keys, values: value.split(SEPARATOR) })
        }
    }
    return places
  }
}
