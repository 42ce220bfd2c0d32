/** Manifests: what applying them would change, and applying them. */
import { createTwoFilesPatch } from 'diff'
import { applyDocuments, orderedDocuments, previewDocuments } from '../../apply/apply-documents.js'
import type { DocumentPreview, DocumentResult } from '../../rpc/contract.js'
import type { Session } from '../../session/session.js'
import { maskedYaml } from '../masked.js'
import { part } from '../text.js'
import { contextParameter, offsetParameter, type Call, type ParameterSchema, type Tool } from '../tool.js'

interface ManifestParameters {
  context: string
  manifest: string
  namespace?: string
}
const parameters: Record<'context' | 'manifest' | 'namespace', ParameterSchema> = {
  context: contextParameter,
  manifest: { type: 'string', minLength: 1, description: 'One or several YAML documents, or JSON.' },
  namespace: { type: 'string', description: "Namespace of objects that name none; the context's own when left out." },
}

const nameOf = ({ kind, ref }: DocumentResult): string => `${kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`

/** What became of a document: kubectl's word, or the server's, with each field that it names. */
function outcome(result: DocumentResult, dryRun: boolean): string {
  const { action, error, waits } = result
  if (!error) {
    const after = waits ? `, once its ${waits === 'namespace' ? 'namespace' : 'CustomResourceDefinition'} is there` : ''
    return `${nameOf(result)} ${action}${dryRun ? ' (server dry run)' : ''}${after}`
  }
  const causes = (error.causes ?? [])
    .filter((c) => !c.message || !error.message.includes(c.message))
    .map((c) => `\n  ${[c.field, c.message].filter(Boolean).join(': ')}`)
  return `${nameOf(result)} failed${error.reason === 'Internal' ? '' : ` (${error.reason})`}: ${error.message}${causes.join('')}`
}

const preview = (result: DocumentPreview): string => {
  const head = outcome(result, true)
  if (result.live === result.merged) return head
  const [live, merged] = [result.live, result.merged].map((yaml) => (yaml ? maskedYaml(yaml) : ''))
  const patch = createTwoFilesPatch('live', 'merged', live!, merged!, undefined, undefined, { context: 3 })
  return `${head}\n${patch.replace(/^=+\n/, '')}`
}

export const diff: Tool<ManifestParameters & { offset?: number }> = {
  name: 'diff',
  title: 'What a manifest would change',
  description:
    'What applying a manifest would change, object by object, by a dry run on the server: created, configured, unchanged, or why the server refuses it, with the conflicts with other field managers. Nothing is changed. The values of Secrets are masked.',
  effect: 'reads',
  parameters: { ...parameters, offset: offsetParameter },
  required: ['context', 'manifest'],
  run: (p, { clusters }) =>
    clusters.use(p.context, async (session) => {
      const namespace = p.namespace || clusters.namespaceOf(p.context)
      const found = await previewDocuments(session, { context: p.context, yaml: p.manifest, namespace })
      return part(found.map(preview).join('\n'), p.offset)
    }),
}

/** Applies document by document in the order that they need; ends between two where the assistant gave up. */
async function applyEach(
  session: Session,
  p: ManifestParameters & { force?: boolean },
  { signal, progress }: Call,
): Promise<DocumentResult[]> {
  // Those of one List are one document.
  const order = [...new Set(orderedDocuments(p.manifest).map((d) => d.index))]
  const results: DocumentResult[] = []
  for (const [done, index] of order.entries()) {
    if (signal.aborted) break
    const { context, manifest: yaml, namespace, force } = p
    results.push(
      ...(await applyDocuments(session, {
        context,
        yaml,
        only: [index],
        ...(namespace ? { namespace } : {}),
        ...(force ? { force } : {}),
      })),
    )
    progress(done + 1, order.length, results.at(-1) ? outcome(results.at(-1)!, false) : '')
  }
  return results
}

export const apply: Tool<ManifestParameters & { force?: boolean }> = {
  name: 'apply',
  title: 'Apply a manifest',
  description:
    'Applies a manifest with server-side apply. All of it is tried on the server first: if that refuses anything, such as a field that another manager owns, nothing is changed and the answer says what.',
  effect: 'destroys',
  idempotent: true,
  parameters: {
    ...parameters,
    force: { type: 'boolean', default: false, description: 'Take over fields that others manage, where the dry run told of conflicts.' },
  },
  required: ['context', 'manifest'],
  run: (given, call) =>
    call.clusters.change(given.context, async (session) => {
      const p = { ...given, namespace: given.namespace || call.clusters.namespaceOf(given.context) }
      const { context, manifest: yaml, namespace, force = false } = p
      const tried = await applyDocuments(session, { context, yaml, namespace, force, dryRun: true })
      if (tried.some((r) => r.action === 'failed'))
        throw new Error(`Nothing was changed.\n${tried.map((r) => outcome(r, true)).join('\n')}`)
      const results = await applyEach(session, p, call)
      const text = results.map((r) => outcome(r, false)).join('\n')
      if (results.some((r) => r.action === 'failed')) throw new Error(text)
      return part(text)
    }),
}
