import type { FieldManager, SeenVersion } from '../../../src-main/backend/rpc/contract.js'

/** A manager in a few words: `kubectl-client-side-apply`, `kubelet (status)`. */
export function managerName({ manager, subresource }: Pick<FieldManager, 'manager' | 'subresource'>): string {
  return subresource ? `${manager} (${subresource})` : manager
}

/** Who made a version. */
export function makersOf(version: Pick<SeenVersion, 'by'>): string {
  return [...new Set(version.by.map(managerName))].join(', ')
}
