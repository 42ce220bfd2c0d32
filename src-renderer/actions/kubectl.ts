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

/** Objects of one kind as kubectl takes them: `pods a b c`. */
export function names(targets: readonly Target[]): string[] {
  const [first] = targets
  if (!first) return []
  if (targets.length === 1) return [slashName(first)]
  return [resourceKey(first.kind), ...targets.map((t) => t.ref.name)]
}
