import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { DocumentPreview, DocumentResult, RpcError } from '../../src-main/backend/rpc/contract.js'
import { errorText } from '../app/error-text.js'
import { asRpcError, backend } from '../app/rpc.js'
import { useDialogs } from '../stores/dialogs.js'
import { TooMuch } from './open-files.js'
import { serverProblems, stillSo, type ServerProblem } from './server-problems.js'

/** What is applied, and where. */
interface Applied {
  context(): string
  /** Of objects that name none. */
  namespace(): string
  text(): string
  /** How many documents the text holds. */
  documents(): number
  /** All of the text has been applied. */
  done(): void
}

/** What is being done with a text. */
type Work = 'apply' | 'dry' | 'preview' | 'open'

/** Applying the documents of a text: trying, seeing what would change, what came of it, and what the server found wrong. */
export interface Applying {
  busy: Ref<Work | null>
  problem: ShallowRef<RpcError | null>
  results: ShallowRef<DocumentResult[]>
  /** The results are those of a dry run. */
  dry: Ref<boolean>
  previews: ShallowRef<DocumentPreview[] | null>
  /** What the server found wrong stays at its field until that is changed. */
  problems: ComputedRef<ServerProblem[]>
  /** One work at a time; what goes wrong with it becomes the problem. */
  during(what: Work, work: () => Promise<void>): Promise<void>
  /** Applies the documents (or some of them); results of those that were not tried again stay. */
  apply(options?: { dryRun?: boolean; only?: number[]; force?: boolean }): Promise<void>
  /** The documents that failed are tried again; when others came between them since, all are. */
  retry(): Promise<void>
  /** Takes the fields of a document over from their managers, when that is confirmed. */
  force(document: number): Promise<void>
  preview(): Promise<void>
}

/** Applies what a text holds. */
export function useApplying({ context, namespace, text, documents, done }: Applied): Applying {
  const { t } = useI18n()
  const dialogs = useDialogs()
  const busy = ref<Work | null>(null)
  const problem = shallowRef<RpcError | null>(null)
  const results = shallowRef<DocumentResult[]>([])
  const dry = ref(false)
  const previews = shallowRef<DocumentPreview[] | null>(null)
  /** The text as the server saw it last. */
  const tried = ref('')
  const problems = computed(() => serverProblems(previews.value ?? results.value).filter((p) => stillSo(p, tried.value, text())))
  const scope = () => ({ context: context(), yaml: text(), ...(namespace() ? { namespace: namespace() } : {}) })

  async function during(what: Work, work: () => Promise<void>): Promise<void> {
    if (busy.value) return
    busy.value = what
    problem.value = null
    try {
      await work()
    } catch (e) {
      problem.value = e instanceof TooMuch ? { reason: 'TooLarge', message: t('create.tooMuch') } : asRpcError(e)
    } finally {
      busy.value = null
    }
  }
  async function apply(options: { dryRun?: boolean; only?: number[]; force?: boolean } = {}): Promise<void> {
    if (!text().trim()) return
    const applied = text()
    await during(options.dryRun ? 'dry' : 'apply', async () => {
      const answer = await backend.call('objects.apply', { ...scope(), ...options })
      previews.value = null
      tried.value = applied
      dry.value = options.dryRun === true
      results.value = options.only
        ? results.value.map((r) => answer.find((a) => a.document === r.document && a.ref.name === r.ref.name) ?? r)
        : answer
      if (!options.dryRun && results.value.every((r) => r.action !== 'failed') && text() === applied) done()
    })
  }
  const retry = () => {
    const only = results.value.filter((r) => r.action === 'failed').map((r) => r.document)
    return apply(Math.max(...results.value.map((r) => r.document)) < documents() ? { only } : {})
  }
  async function force(document: number): Promise<void> {
    const failed = (previews.value ?? results.value).find((r) => r.document === document)
    const name = failed ? `${failed.kind} ${failed.ref.name}` : ''
    const yes = await dialogs.confirm({
      title: () => t('create.takeOverTitle', { name }),
      text: () => (failed?.error ? errorText(failed.error) : ''),
      action: () => t('create.takeOver'),
      danger: true,
    })
    if (!yes) return
    const list = previews.value
    await apply({ only: [document], force: true })
    if (list && !problem.value) await preview()
  }
  const preview = () =>
    during('preview', async () => {
      tried.value = text()
      previews.value = await backend.call('objects.preview', scope())
      results.value = []
    })
  return { busy, problem, results, dry, previews, problems, during, apply, retry, force, preview }
}
