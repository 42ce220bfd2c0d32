/** What endpoints put back as it was, whatever a client sends: "reset fields" of server-side apply. */
import type { Kind } from '../kinds/kind.js'

/** The paths of what a write of an object, or of the part that a subresource is, leaves as it was: nobody owns it by that write. */
export function resetFields(kind: Kind, subresource: string): readonly string[] {
  const main = kind.resets ?? (kind.subresources?.['status'] ? ['status'] : [])
  if (!subresource) return main
  const part = kind.subresources?.[subresource]
  const own = part?.type === 'object' ? part.resets : undefined
  return own ?? (subresource === 'status' ? ['spec'] : main)
}
