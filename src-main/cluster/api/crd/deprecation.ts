/** What clients of a deprecated version of a custom resource are warned of. */
import { byPriority } from '../kindset.js'
import type { CustomResourceDefinition } from '../kinds/customresourcedefinition.js'

interface Version {
  name: string
  served?: boolean
  deprecated?: boolean | null
  deprecationWarning?: string | null
}

/**
 * The warning of a version, undefined when it is not deprecated. Without a text of its own it names the newest version
 * that is served and not deprecated, where there is one that is newer.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-deprecation
 */
export function deprecationOf(version: Version, { group, names, versions }: CustomResourceDefinition['spec']): string | undefined {
  if (!version.deprecated) return undefined
  if (version.deprecationWarning) return version.deprecationWarning
  const shown = (name: string): string => `${group}/${name} ${names.kind}`
  const [newest] = versions
    .filter((v) => v.served && !v.deprecated && byPriority(v.name, version.name) < 0)
    .sort((a, b) => byPriority(a.name, b.name))
  return `${shown(version.name)} is deprecated${newest ? `; use ${shown(newest.name)}` : ''}`
}
