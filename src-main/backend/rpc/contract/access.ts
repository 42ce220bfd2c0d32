/** What the user may do, asked with access reviews. */
import type { ResourceRef } from './resources.js'

/** What may be asked of the server with an access review. */
export interface AccessQuestion {
  verb: string
  ref: ResourceRef & { namespace?: string; name?: string; subresource?: string }
}

export interface AccessAnswer {
  allowed: boolean
  reason?: string
}
