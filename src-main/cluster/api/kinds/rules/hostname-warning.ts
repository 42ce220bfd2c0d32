/** What somebody is told who names a workload so that its pods get names that are no DNS labels. */
import type { ObjectMeta } from '../../object.js'
import { dns1123Label } from './names.js'

/** The warning on a create, none on an update: the name is there to stay. */
export function hostnameWarnings(
  { metadata }: { metadata: ObjectMeta },
  old: object | undefined,
  use = 'Pod names and hostnames',
): string[] {
  if (old) return []
  const problems = dns1123Label(metadata.name ?? '')
  if (problems.length === 0) return []
  const why = `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`
  return [why]
}
