/** The schemas of a cluster's kinds, from its own OpenAPI v3 documents: for completion, help and checks while something is written. */
import type { OpenApiSchema } from '../rpc/contract.js'
import { groupPath } from './paths.js'
import type { Session } from './session.js'

/** How long a document is kept, ms: definitions of custom resources come and go. */
const MAX_AGE = 60_000

interface Kept {
  at: number
  schemas: Promise<Record<string, OpenApiSchema>>
}

const documents = new WeakMap<Session, Map<string, Kept>>()

/**
 * All schemas of a group and version by their OpenAPI name, such as `io.k8s.api.apps.v1.Deployment`; those of kinds carry
 * `x-kubernetes-group-version-kind`. Rejects where the server has no OpenAPI v3 (before Kubernetes 1.24) or no such group.
 */
export function groupSchemas(session: Session, group: string, version: string): Promise<Record<string, OpenApiSchema>> {
  let kept = documents.get(session)
  if (!kept) documents.set(session, (kept = new Map()))
  const path = `/openapi/v3${groupPath({ group, version })}`
  const known = kept.get(path)
  if (known && Date.now() - known.at < MAX_AGE) return known.schemas
  const schemas = session
    .api()
    .then((api) => api.json<{ components?: { schemas?: Record<string, OpenApiSchema> } }>(path))
    .then((document) => document.components?.schemas ?? {})
  kept.set(path, { at: Date.now(), schemas })
  schemas.catch(() => kept.delete(path))
  return schemas
}
