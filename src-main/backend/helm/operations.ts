/** What helm is asked for: its arguments, its progress, and what an operation would do. */
import { parse } from 'yaml'
import { withHome } from '../../directories.js'
import { isMap } from '../apply/fields.js'
import { yamlValues } from '../apply/yaml.js'
import { toRpcError, problem } from '../errors.js'
import type { Json } from '../kinds/kind.js'
import type { ContextSummary, HelmChart, HelmChartSource, HelmDeploy, HelmFoundChart, HelmOperation, HelmPreview } from '../rpc/contract.js'
import type { StreamContext } from '../rpc/serve.js'
import type { Session } from '../session/session.js'
import { maskedManifest } from './manifest-secrets.js'
import { helmError, type HelmBinary } from './program.js'
import { getRelease } from './release-streams.js'
import { readRevision } from './revisions.js'

/** A word that helm would read as a flag is none of a person's. */
function word(text: string, what: string): string {
  const trimmed = text.trim()
  if (!trimmed || trimmed.startsWith('-')) throw problem('Invalid', 'helmWord', { what })
  return trimmed
}

const version4 = (version: string): boolean => !/^v?[0-3]\./.test(version)

function sourceArgs({ chart, repository, version }: HelmChartSource): string[] {
  return [
    withHome(word(chart, 'The chart')),
    ...(repository?.trim() ? ['--repo', word(repository, 'The repository')] : []),
    ...(version?.trim() ? ['--version', word(version, 'The version')] : []),
  ]
}

/**
 * The arguments of an operation.
 * @param values the file that holds the values
 * @param helm the version of helm: some flags have another name since 4
 */
export function operationArgs(o: HelmOperation, values: string, helm: string): string[] {
  const name = word(o.name, 'The name')
  const where = ['-n', word(o.namespace, 'The namespace')]
  switch (o.act) {
    case 'install':
    case 'upgrade':
      return [
        o.act,
        name,
        ...sourceArgs(o.source),
        ...where,
        // The values are the whole of what is given: none of an earlier revision is to stay behind them.
        ...(o.act === 'upgrade' ? ['--reset-values'] : []),
        ...(values ? ['-f', values] : []),
        ...(o.act === 'install' && o.createNamespace ? ['--create-namespace'] : []),
        ...(o.wait ? ['--wait'] : []),
        ...(o.rollbackOnFailure ? [version4(helm) ? '--rollback-on-failure' : '--atomic'] : []),
      ]
    case 'rollback':
      return ['rollback', name, String(o.revision), ...where, ...(o.wait ? ['--wait'] : [])]
    case 'uninstall':
      return ['uninstall', name, ...where, ...(o.keepHistory ? ['--keep-history'] : []), ...(o.wait ? ['--wait'] : [])]
    case 'test':
      return ['test', name, ...where, '--logs']
  }
}

/** Throws `Invalid` when values are no YAML map; helm's own words for it name a file that nobody knows. */
function checkValues(text: string): void {
  const found = yamlValues(text, 'kubectl')
  if (found.length > 1 || (found.length === 1 && !isMap(found[0]))) throw problem('Invalid', 'helmValues')
}

/** The `helm` stream: an operation from its first line to its end. Closing it asks helm to leave off. */
export async function streamHelm(
  helm: HelmBinary,
  context: ContextSummary,
  operation: HelmOperation,
  stream: StreamContext<'helm'>,
): Promise<void> {
  const values = 'values' in operation ? operation.values : undefined
  const said: string[] = []
  try {
    if (values !== undefined) checkValues(values)
    const { version = '' } = await helm.program()
    const code = await helm.run(context, (file) => operationArgs(operation, file, version), {
      ...(values === undefined ? {} : { values }),
      signal: stream.signal,
      onLine: (line) => {
        if (line.from === 'stderr') said.push(line.text)
        stream.emit({ type: 'output', ...line })
      },
    })
    stream.emit({ type: 'exit', code, ...(code === 0 ? {} : { error: helmError(code, said).rpc }) })
  } catch (error) {
    stream.emit({ type: 'exit', code: null, error: toRpcError(error) })
  }
  stream.end()
}

/** Renders an installation or upgrade against the server and changes nothing. Values of Secrets are masked. */
export async function previewDeploy(
  helm: HelmBinary,
  context: ContextSummary,
  session: Session,
  operation: HelmDeploy,
): Promise<HelmPreview> {
  checkValues(operation.values)
  const { version = '' } = await helm.program()
  const { wait: _, rollbackOnFailure: __, ...plain } = operation
  const render = (how: 'server' | 'client'): Promise<string> =>
    helm.answer(context, (file) => [...operationArgs(plain, file, version), `--dry-run=${how}`, '-o', 'json'], operation.values)
  const printed = await render('server').catch((error: unknown) => {
    // Objects of kinds that the chart itself brings cannot be shown to the server before it does.
    if (!toRpcError(error).message.includes('ensure CRDs are installed first')) throw error
    return render('client')
  })
  const rendered = JSON.parse(printed.slice(printed.indexOf('{'))) as Json
  const after: string = rendered.manifest ?? ''
  const before = operation.act === 'upgrade' ? await deployedManifest(session, operation) : ''
  return {
    before: maskedManifest(before, { manifest: after, word: 'before' }),
    after: maskedManifest(after, { manifest: before, word: 'after' }),
    notes: rendered.info?.notes ?? '',
  }
}

async function deployedManifest(session: Session, { namespace, name }: HelmDeploy): Promise<string> {
  const release = await getRelease(session, { group: 'helm.sh', version: 'v1', resource: 'releases', namespace, name })
  const deployed = release.history.find((r) => r.status === 'deployed') ?? release.history[0]!
  return (await readRevision(session, { namespace, name, revision: deployed.revision })).manifest ?? ''
}

/** What a chart says of itself, and its values with their comments. */
export async function describeChart(helm: HelmBinary, source: HelmChartSource): Promise<HelmChart> {
  const show = (what: string): Promise<string> => helm.answer(undefined, () => ['show', what, ...sourceArgs(source)])
  // One after the other: the first may have to download the chart.
  const chart = (parse(await show('chart')) ?? {}) as Partial<HelmChart>
  return {
    name: chart.name ?? '',
    version: chart.version ?? '',
    appVersion: String(chart.appVersion ?? ''),
    description: chart.description ?? '',
    values: `${(await show('values')).trimEnd()}\n`,
  }
}

/** The charts of the repositories that the person added; none where none were added. */
export async function knownCharts(helm: HelmBinary): Promise<HelmFoundChart[]> {
  if (!(await helm.program()).path) return []
  const printed = await helm.answer(undefined, () => ['search', 'repo', '-o', 'json']).catch(() => '[]')
  const charts = JSON.parse(printed) as { name: string; version: string; app_version?: string; description?: string }[]
  return charts.map((c) => ({ name: c.name, version: c.version, appVersion: c.app_version ?? '', description: c.description ?? '' }))
}
