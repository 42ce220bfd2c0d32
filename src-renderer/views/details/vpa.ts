import type { KubeObject } from '../../stores/object.js'
import type { TableLine } from './table-line.js'

type Amounts = Record<string, string>
interface Recommendation {
  containerName: string
  target?: Amounts
  lowerBound?: Amounts
  upperBound?: Amounts
}

/**
 * What is recommended for each container and resource: its name, the resource, what it asks for now, the target and the bounds.
 * @param workload what is scaled, where it has been read
 */
export function recommendationLines(vpa: KubeObject, workload: KubeObject | undefined): TableLine[] {
  const all = (vpa.status?.recommendation?.containerRecommendations ?? []) as Recommendation[]
  const spec = workload?.spec?.template?.spec ?? workload?.spec?.jobTemplate?.spec?.template?.spec
  const containers = (spec?.containers ?? []) as { name: string; resources?: { requests?: Amounts } }[]
  return all.flatMap((r) => {
    const now = containers.find((c) => c.name === r.containerName)?.resources?.requests ?? {}
    return Object.keys(r.target ?? {}).map((resource, i): TableLine => [
      i === 0 ? r.containerName : '',
      resource,
      now[resource] ?? '–',
      r.target?.[resource] ?? '–',
      r.lowerBound?.[resource] ?? '–',
      r.upperBound?.[resource] ?? '–',
    ])
  })
}
