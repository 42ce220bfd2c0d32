import type { Target } from '../stores/dialogs.js'
import { resourceKey } from '../app/routes.js'

/** Quotes a word for a POSIX shell when it needs it. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** A kubectl command on a target's cluster and namespace: `kubectl --context drydock -n shop VERB …`. */
export function kubectl(target: Pick<Target, 'context' | 'ref'>, ...words: string[]): string {
  const where = ['--context', target.context, ...(target.ref.namespace ? ['-n', target.ref.namespace] : [])]
  return ['kubectl', ...where, ...words].map(quote).join(' ')
}

/** An object as kubectl takes it: `deployment.apps/web`, `pod/web-0`. */
export function slashName(target: Pick<Target, 'kind' | 'ref'>): string {
  const { kind, group } = target.kind
  return `${group ? `${kind.toLowerCase()}.${group}` : kind.toLowerCase()}/${target.ref.name}`
}

/** Objects as kubectl takes them: `pods a b c`, of several kinds `deployment.apps/a pod/b`. */
export function names(targets: readonly Target[]): string[] {
  const [first] = targets
  if (!first) return []
  const key = resourceKey(first.kind)
  if (targets.length === 1 || targets.some((t) => resourceKey(t.kind) !== key)) return targets.map(slashName)
  return [key, ...targets.map((t) => t.ref.name)]
}

/** The namespace and cluster of a target, as one word to tell places apart. */
export const placeOfTarget = ({ context, ref }: Pick<Target, 'context' | 'ref'>): string => `${context}\n${ref.namespace ?? ''}`

/** Targets in groups that one kubectl command can name together: of one cluster and one namespace. */
export function byPlace(targets: readonly Target[]): Target[][] {
  const places = new Map<string, Target[]>()
  for (const target of targets) {
    const place = placeOfTarget(target)
    const known = places.get(place)
    if (known) known.push(target)
    else places.set(place, [target])
  }
  return [...places.values()]
}

/** {@link kubectl} on several targets, a command for each cluster and namespace that they are in. */
export function kubectlOn(targets: readonly Target[], words: (targets: readonly Target[]) => readonly string[]): string {
  return byPlace(targets)
    .map((group) => kubectl(group[0]!, ...words(group)))
    .join('\n')
}
