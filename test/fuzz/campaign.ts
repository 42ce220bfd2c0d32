/**
 * A campaign of requests against one cluster. What it holds true: every request is answered, none with a 5xx that
 * Kubernetes would not give; the cluster lives and reports no bug of its own; no acknowledged write is lost, not even
 * when the process is killed at the end.
 */
import fc from 'fast-check'
import { requester } from '../kubectl/support/requests.js'
import { Ledger } from './ledger.js'
import { WIDGETS } from './manifests.js'
import { fuzzRequest, type FuzzRequest } from './requests.js'
import { LEDGER, YARD } from './resources.js'
import { Hang, Sender, type FuzzAnswer } from './send.js'
import { Target } from './target.js'

export interface CampaignOptions {
  /** How many requests, about. */
  readonly requests: number
  readonly seed: number
  /** The path that fast-check gave for a counterexample: only that one is run. */
  readonly path?: string
  /** Goes on after a failure, and tells all of them at the end, one of each sort. */
  readonly all?: boolean
  readonly log?: (line: string) => void
}

export interface CampaignResult {
  readonly sent: number
  /** Writes that were acknowledged and found again. */
  readonly writes: number
  /** How many answers had which code. */
  readonly codes: Readonly<Record<string, number>>
  /** What is wrong, with what shows it; empty when all holds. */
  readonly failures: readonly string[]
}

/** Requests that run at the same time. */
const WIDTH = 8
/** How many shorter batches are tried after a failure. */
const SHRINKING = 300
/** Requests of one run of the property, on the average: as many are shrunk together. */
const BATCH = 32

/** Refusals that a real API server answers with 500, though a client is at fault. */
const RIGHTFUL_500 = [
  // Of server-side apply: the configuration does not fit the schema.
  'failed to create typed patch object (',
  // The same, where the schema has a text and the API a quantity, a time or data.
  'failed to convert new object (',
  // Of the binding subresource, whose checks are no API validation.
  'target.name: Required value',
  'target.kind: Unsupported value',
  // Of strategic merge patches.
  'unknown patch type: ',
  "doesn't match $setElementOrder list",
  ' does not contain declared merge key: ',
  'expected a map, but received a ',
  'expected a map[string]interface {}, but received a ',
  'expected a []interface {}, but received a ',
  'no elements in any of the given slices',
  'cannot merge lists without merge key for type ',
  'merging lists cannot yet be specified in the patch',
  'unable to find api field in struct ',
  'list element types are not identical: ',
  // Of the scale of a custom resource that does not say how many it wants.
  'the spec replicas field ',
  // Of an object whose revision is no number, and of a get or a watch at one.
  'strconv.ParseUint: parsing ',
  'resourceVersion: Invalid value: ',
  // Of logs and the like of a pod whose node nobody runs.
  ': connect: no route to host',
]

/** Whether a real API server would give an answer of 500 or more, too. */
function isRightful({ path, via }: FuzzRequest, { code, text }: FuzzAnswer): boolean {
  // A proxy tells that nobody is at the other end.
  if (/\/proxy(\/|\?|$)/.test(path) && [502, 503, 504].includes(code)) return true
  // Of a revision that is still to come, for which the client is told to wait.
  if (code === 504 && /[?&]resourceVersion=9/.test(path)) return true
  // Bytes may name another version of HTTP.
  if (via === 'raw' && code === 505) return true
  return code === 500 && RIGHTFUL_500.some((message) => text.includes(message))
}

class Campaign {
  readonly ledger = new Ledger()
  readonly codes: Record<string, number> = {}
  readonly failures = new Map<string, string>()
  sent = 0
  private sender!: Sender
  private check!: ReturnType<typeof requester>

  constructor(
    readonly target: Target,
    private readonly options: CampaignOptions,
  ) {}

  async start(): Promise<void> {
    await this.target.start()
    this.sender = new Sender(this.target.kubeconfig)
    this.check = requester(this.target.kubeconfig)
    await this.prepare()
  }

  /** The ground that requests are sent to: made again where a request has taken it away. */
  private async prepare(): Promise<void> {
    for (const name of [LEDGER, YARD]) {
      await this.check('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
      // So that ten thousand replicas do not become ten thousand pods.
      const hard = { 'count/pods': '12', 'count/jobs.batch': '20', 'count/replicasets.apps': '40' }
      await this.check('POST', `/api/v1/namespaces/${name}/resourcequotas`, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'ground' },
        spec: { hard },
      })
    }
    await this.check('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', WIDGETS)
  }

  close(): void {
    // They are not there yet when the cluster did not start.
    this.sender?.close()
    this.check?.close()
  }

  async restart(): Promise<void> {
    this.close()
    await this.target.kill()
    await this.target.start()
    this.sender = new Sender(this.target.kubeconfig)
    this.check = requester(this.target.kubeconfig)
  }

  /** Sends some requests and looks what became of them. Throws when something is wrong. */
  async run(batch: readonly FuzzRequest[]): Promise<void> {
    const wrong: string[] = []
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < batch.length) {
        const fault = await this.one(batch[next++]!)
        if (fault) wrong.push(fault)
      }
    }
    await Promise.all(Array.from({ length: WIDTH }, worker))
    if (this.target.running)
      wrong.push(...(await this.ledger.checkHistory(this.check).catch((error: Error) => [`history: ${error.message}`])))
    const complaints = this.target.complaints()
    if (complaints) wrong.push(`the cluster complained:\n${complaints}`)
    if (!this.target.running) {
      wrong.push('the cluster died')
      await this.restart()
    }
    if (this.sent % (BATCH * 20) < BATCH) await this.prepare()
    if (wrong.length === 0) return
    if (!this.options.all) throw new Error(wrong.join('\n'))
    for (const fault of wrong) {
      const sort = fault.replace(/[0-9]+|"[^"]*"|[a-f0-9-]{36}/g, '#').slice(0, 160)
      if (!this.failures.has(sort)) this.options.log?.(fault.slice(0, 300_000))
      this.failures.set(sort, fault)
    }
  }

  /** Gives what is wrong with the answer to a request; undefined when nothing is. */
  private async one(request: FuzzRequest): Promise<string | undefined> {
    this.sent++
    try {
      const answer = await this.sender.send(request)
      this.codes[answer.code] = (this.codes[answer.code] ?? 0) + 1
      this.ledger.note(request, answer)
      if (answer.code < 500) return undefined
      // HEAD leaves out the words that tell whether it is rightful.
      const told = request.method === 'HEAD' ? await this.sender.send({ ...request, method: 'GET' }) : answer
      if (told.code === answer.code && isRightful(request, told)) return undefined
      return `${answer.code} ${answer.text.slice(0, 500)} for ${JSON.stringify(request).slice(0, 400_000)}`
    } catch (error) {
      this.codes['none'] = (this.codes['none'] ?? 0) + 1
      this.ledger.noteUnanswered(request)
      // A connection that was closed under a request that is not HTTP is an answer, too.
      if (!(error instanceof Hang) && this.target.running && !(await this.isAlive()))
        return `no answer: ${(error as Error).message} for ${JSON.stringify(request).slice(0, 400_000)}`
      return error instanceof Hang ? `${error.message}: ${JSON.stringify(request).slice(0, 400_000)}` : undefined
    }
  }

  private async isAlive(): Promise<boolean> {
    return (await this.check('GET', '/readyz').catch(() => undefined))?.code === 200
  }

  /** At the end: what was acknowledged last is there, now and after the process was killed. */
  async conclude(): Promise<string[]> {
    const before = await this.ledger.checkPresent(this.check)
    await this.restart()
    const after = (await this.ledger.checkPresent(this.check)).map((fault) => `after a restart: ${fault}`)
    const complaints = this.target.complaints()
    return [...before, ...after, ...(complaints ? [`after a restart the cluster complained:\n${complaints}`] : [])]
  }
}

/** Runs a campaign on a cluster of its own, which is removed afterwards. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const target = new Target()
  const campaign = new Campaign(target, options)
  try {
    await campaign.start()
    let told = 0
    let failed = 0
    const property = fc.asyncProperty(fc.array(fuzzRequest, { minLength: 20, maxLength: 60 }), async (batch) => {
      // Making a counterexample shorter must end some time.
      if (failed > SHRINKING) return
      try {
        await campaign.run(batch)
      } catch (error) {
        failed++
        throw error
      } finally {
        if (failed > 0) failed++
      }
      if (campaign.sent - told < 10_000) return
      told = campaign.sent
      options.log?.(
        `${campaign.sent} requests, ${campaign.ledger.checked} writes found again, ${Math.round(target.memory / 1024 / 1024)} MiB`,
      )
    })
    const details = await fc.check(property, {
      seed: options.seed,
      ...(options.path === undefined ? {} : { path: options.path }),
      numRuns: Math.ceil(options.requests / BATCH),
    })
    const failures = [...campaign.failures.values()]
    if (details.failed)
      failures.push(
        `${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}\nagain: --seed ${details.seed} --path ${details.counterexamplePath}`,
      )
    failures.push(...(await campaign.conclude()))
    return { sent: campaign.sent, writes: campaign.ledger.checked, codes: campaign.codes, failures }
  } finally {
    campaign.close()
    await target.remove()
  }
}
