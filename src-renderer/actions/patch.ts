import { backend } from '../app/rpc.js'
import type { Target } from '../stores/dialogs.js'
import type { Outcome } from './action.js'

/** Merge-patches an object; taking it back puts the old values where they were. */
export async function mergePatch({ context, ref }: Pick<Target, 'context' | 'ref'>, patch: unknown, before: unknown): Promise<Outcome> {
  const made = await backend.call('objects.patch', { context, ref, type: 'merge', patch })
  return { undo: () => backend.call('objects.undo', { context, ref, patch, before, made }) }
}

/** What to patch so that a map becomes `wanted`: keys that are gone are null. Undefined when nothing differs. */
export function mapChange(
  before: Readonly<Record<string, string>> | undefined,
  wanted: readonly { key: string; value: string }[],
): Record<string, string | null> | undefined {
  const change: Record<string, string | null> = {}
  const after = new Map(wanted.filter((p) => p.key).map((p) => [p.key, p.value]))
  for (const key of Object.keys(before ?? {})) if (!after.has(key)) change[key] = null
  for (const [key, value] of after) if (before?.[key] !== value) change[key] = value
  return Object.keys(change).length ? change : undefined
}

/** Five characters for a name, of those that Kubernetes uses for generated names (no vowels, nothing that reads alike). */
export function nameSuffix(): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  return [...crypto.getRandomValues(new Uint8Array(5))].map((b) => letters[b % letters.length]).join('')
}
