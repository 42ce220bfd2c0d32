/** Puts the backend together: contexts, sessions, forwards, settings, behind the one contract of `rpc/contract.ts`. */
import fs from 'node:fs'
import path from 'node:path'
import { applyDocuments, previewDocuments } from './apply/apply-documents.js'
import { sourcedEntries } from './apply/data-entries.js'
import { drainNode } from './apply/drain.js'
import { Drafts, KeptTexts } from './apply/kept-texts.js'
import { readManifests } from './apply/manifests.js'
import {
  createObject,
  deleteObject,
  getObject,
  listObjects,
  objectYaml,
  patchObject,
  rebaseObject,
  restart,
  saveObject,
  scale,
  writeSubresource,
} from './apply/objects.js'
import { rollBack, workloadRevisions } from './apply/revisions.js'
import { undoChange, undoSave } from './apply/undo.js'
import { ContextCatalogue, kubeconfigFiles } from './contexts/catalogue.js'
import { addedPath, keepPasted, pastedFiles, pastedFolder } from './contexts/sources.js'
import type { EmbeddedClusters } from './embedded/fleet.js'
import { runChecks } from './checks/run.js'
import { commandProblems } from './commands/check.js'
import { Commands } from './commands/commands.js'
import { readPlugins } from './commands/k9s-plugins.js'
import { toRpcError } from './errors.js'
import { streamCopy } from './exec/copy.js'
import { listFiles, readFile } from './exec/files.js'
import { Kubectl } from './exec/kubectl.js'
import { LocalTerminals } from './exec/local-terminals.js'
import { PluginTerminals } from './exec/plugin-terminals.js'
import { streamShell } from './exec/shell.js'
import { streamBenchmark } from './forward/benchmark.js'
import { Forwards } from './forward/forwards.js'
import { describeChart, knownCharts, previewDeploy, streamHelm } from './helm/operations.js'
import { knownImages } from './images/known.js'
import { imageTags } from './images/tags.js'
import { HelmBinary } from './helm/program.js'
import { getRelease, isReleases, streamRelease, streamReleases } from './helm/release-streams.js'
import { comparedTexts, releaseObjects, revisionTexts } from './helm/revisions.js'
import { streamHistory } from './history/history-stream.js'
import { SeenVersions } from './history/seen-versions.js'
import { columnProblem } from './kinds/custom-columns.js'
import { streamLogs } from './logs/stream.js'
import { PrometheusFinder } from './metrics/prometheus/find-prometheus.js'
import { metricHistory } from './metrics/prometheus/history.js'
import { streamUsage } from './metrics/usage.js'
import { readRelations } from './relations/read.js'
import type { FrameChannel } from './rpc/channel.js'
import type { AppInfo, ContextSummary } from './rpc/contract.js'
import { serve, type CallHandlers, type StreamHandlers } from './rpc/serve.js'
import { streamSearch } from './search/search.js'
import { AccessReviews } from './session/access.js'
import { streamKinds } from './session/kinds-stream.js'
import { streamList } from './session/list-stream.js'
import { streamCounts, streamEvents, streamObject } from './session/object-stream.js'
import { protectedHandlers } from './session/protection.js'
import { groupSchemas } from './session/schemas.js'
import type { Session } from './session/session.js'
import { Sessions } from './session/sessions.js'
import { SettingsFile } from './settings.js'

export interface BackendOptions {
  app: AppInfo
  embedded: EmbeddedClusters
  /** Kubeconfig files besides the embedded cluster's; kubectl's own by default. */
  kubeconfigs?: readonly string[]
  /** Resolves when `process.env` has what the person's own terminal has; at once where the app was started from one. */
  environment?: Promise<void>
}

export interface Backend {
  /** Serves one window until its channel closes. */
  connect(channel: FrameChannel): void
  /** The machine has slept: connections are looked at, and tried again, at once. */
  wake(): void
  close(): void
}

export function createBackend({ app, embedded, kubeconfigs: given, environment }: BackendOptions): Backend {
  let kubeconfigs = given ?? kubeconfigFiles()
  const catalogue = new ContextCatalogue(kubeconfigs, app.kubeconfig)
  if (!given)
    void environment?.then(() => {
      kubeconfigs = kubeconfigFiles()
      catalogue.readFiles(kubeconfigs)
    })
  const settings = new SettingsFile(path.join(app.dataDirectory, 'settings.json'))
  const templates = new KeptTexts(path.join(app.dataDirectory, 'templates'))
  const drafts = new Drafts(path.join(app.dataDirectory, 'drafts'))
  const access = new AccessReviews()
  const sessions = new Sessions(catalogue, () => settings.get(), environment)
  const known = (context: string): ContextSummary => sessions.known(context)
  const session = (context: string): Session => sessions.of(context)
  const forwards = new Forwards(session, (kept) => void settings.set({ forwards: kept }))
  void forwards.restore(settings.get().forwards ?? [])
  const terminals = new LocalTerminals(app.dataDirectory)
  const commands = new Commands(app.dataDirectory, {
    settings: () => settings.get(),
    context: known,
    config: (context) => catalogue.load(context),
    session,
  })
  const plugins = new PluginTerminals(app.dataDirectory)
  const seen = new SeenVersions()
  const prometheus = new PrometheusFinder((context) => settings.get().clusters?.[context]?.prometheus)
  const helm = new HelmBinary(app.dataDirectory)
  const kubectl = new Kubectl(app.dataDirectory)
  const added = (): string[] => settings.get().kubeconfigs ?? []
  const readContexts = (): void => {
    const own = [app.kubeconfig, ...embedded.states().map((e) => e.kubeconfig ?? '')].filter(Boolean)
    catalogue.read([...new Set(own)], [...added(), pastedFolder(app.dataDirectory)])
  }
  readContexts()
  const stopWatching = embedded.listen((states) => {
    readContexts()
    // An embedded cluster came (back) up: do not wait for the next retry.
    const ready = new Set(states.filter((e) => e.phase === 'ready').map((e) => e.server))
    for (const c of catalogue.list())
      if (c.embedded && ready.has(c.server) && sessions.opened(c.id)?.state.phase.match(/stale|failed/))
        void sessions
          .of(c.id)
          .connect()
          .catch(() => undefined)
  })

  const calls: CallHandlers = {
    'app.info': () => app,
    'settings.get': () => settings.get(),
    'settings.set': ({ change }) => {
      const before = sessions.all().map(([context, opened]) => ({ context, opened, proxy: sessions.proxyOf(context) }))
      const now = settings.set(change)
      for (const { context, opened, proxy } of before) if (sessions.proxyOf(context) !== proxy) opened.renew()
      return now
    },
    'contexts.list': () => catalogue.list(),
    'contexts.connect': async ({ context }) => {
      const s = session(context)
      if (s.state.phase !== 'live') await s.connect()
      return s.state
    },
    'contexts.disconnect': ({ context }) => {
      sessions.close(context)
      seen.forget(context)
      prometheus.forget(context)
    },
    'kinds.list': ({ context }) => session(context).kinds(),
    'schemas.get': ({ context, group, version }) => groupSchemas(session(context), group, version),
    'objects.get': ({ context, ref, managedFields, subresource }) =>
      isReleases(ref)
        ? getRelease(session(context), ref).then((release) => ({ ...release }))
        : getObject(session(context), ref, managedFields, subresource),
    'objects.yaml': ({ context, ref, managedFields }) => objectYaml(session(context), ref, managedFields),
    'objects.describe': ({ context, ref, again }) => kubectl.describe(known(context), ref, again),
    'objects.save': (p) => saveObject(session(p.context), p),
    'objects.patch': (p) => patchObject(session(p.context), p),
    'objects.delete': (p) => deleteObject(session(p.context), p),
    'objects.undo': (p) => undoChange(session(p.context), p),
    'objects.undoSave': (p) => undoSave(session(p.context), p),
    'objects.rebase': (p) => rebaseObject(session(p.context), p),
    'objects.apply': (p) => applyDocuments(session(p.context), p),
    'objects.preview': (p) => previewDocuments(session(p.context), p),
    'manifests.read': (p) => readManifests(p),
    'data.entries': ({ kind, sources }) => sourcedEntries(kind, sources),
    'templates.list': () => templates.list().sort((a, b) => a.name.localeCompare(b.name)),
    'templates.get': ({ name }) => templates.get(name) ?? '',
    'templates.save': ({ name, text }) => templates.set(name, text),
    'templates.remove': ({ name }) => templates.remove(name),
    'drafts.list': () => drafts.list(),
    'drafts.get': ({ name }) => drafts.get(name),
    'drafts.save': ({ name, text }) => drafts.save(name, text),
    'objects.list': (p) => listObjects(session(p.context), p),
    'relations.read': ({ context, namespaces }) => readRelations(session(context), namespaces),
    'checks.run': ({ context, namespaces }) => runChecks(session(context), namespaces),
    'commands.check': ({ command }) => commandProblems(command),
    'commands.read': ({ source }) => readPlugins(source),
    'commands.prepare': (p) => commands.prepare(p),
    'columns.check': ({ column }) => columnProblem(column) ?? null,
    'objects.create': (p) => createObject(session(p.context), p),
    'objects.subresource': (p) => writeSubresource(session(p.context), p),
    'workloads.revisions': ({ context, ref }) => workloadRevisions(session(context), ref),
    'workloads.rollback': ({ context, ref, revision }) => rollBack(session(context), ref, revision),
    'workloads.scale': ({ context, ref, replicas }) => scale(session(context), ref, replicas),
    'workloads.restart': ({ context, ref }) => restart(session(context), ref),
    'metrics.history': async ({ context, ref, range }) => {
      const found = await prometheus.of(session(context))
      return found ? metricHistory(found, { ref, range }) : null
    },
    'metrics.prometheus': ({ context, place }) => prometheus.try(session(context), place),
    'history.compare': ({ context, ref, from, to }) => seen.compare(context, ref, from, to),
    'images.known': ({ context, ref }) => knownImages(session(context), ref),
    'images.tags': ({ context, image }) => imageTags(session(context), image),
    'helm.revision': (p) => revisionTexts(session(p.context), p),
    'helm.compare': (p) => comparedTexts(session(p.context), p),
    'helm.objects': (p) => releaseObjects(session(p.context), p),
    'helm.program': ({ again }) => helm.program(again),
    'helm.charts': () => knownCharts(helm),
    'helm.chart': (p) => describeChart(helm, p),
    'helm.preview': ({ context, operation }) => previewDeploy(helm, known(context), session(context), operation),
    'forwards.start': (p) => forwards.start(p),
    'forwards.stop': ({ id }) => forwards.stop(id),
    'access.check': (p) => access.check(session(p.context), p),
    'access.checks': ({ context, questions }) => access.checkAll(session(context), questions),
    'embedded.create': (p) => embedded.create(p),
    'embedded.start': ({ name }) => embedded.start(name),
    'embedded.stop': ({ name }) => embedded.stop(name),
    'embedded.remove': async ({ name }) => {
      await embedded.remove(name)
      catalogue.reload()
    },
    'embedded.snapshot': ({ name, snapshot }) => embedded.snapshot(name, snapshot),
    'embedded.restore': ({ name, snapshot }) => embedded.restore(name, snapshot),
    'embedded.removeSnapshot': ({ name, snapshot }) => embedded.removeSnapshot(name, snapshot),
    'kubeconfigs.list': () => [
      ...kubeconfigs.map((file) => ({ path: file, type: 'kubectl' as const, ...catalogue.origin(file) })),
      ...added().map((file) => ({
        path: file,
        type: fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() ? ('folder' as const) : ('file' as const),
        ...catalogue.origin(file),
      })),
      ...pastedFiles(app.dataDirectory).map((file) => ({ path: file, type: 'pasted' as const, ...catalogue.origin(file) })),
    ],
    'kubeconfigs.add': ({ path: given }) => {
      settings.set({ kubeconfigs: [...new Set([...added(), addedPath(given)])] })
      readContexts()
    },
    'kubeconfigs.paste': ({ name, text }) => {
      const file = keepPasted(app.dataDirectory, name, text)
      readContexts()
      return file
    },
    'files.list': (p) => listFiles(session(p.context), p),
    'files.read': (p) => readFile(session(p.context), p),
    'kubeconfigs.remove': ({ path: file }) => {
      // Only what this app wrote itself is deleted.
      if (pastedFiles(app.dataDirectory).includes(file)) fs.rmSync(file)
      settings.set({ kubeconfigs: added().filter((f) => f !== file) })
      readContexts()
    },
  }

  const until = (signal: AbortSignal, stop: () => void): void =>
    signal.aborted ? stop() : signal.addEventListener('abort', stop, { once: true })
  const streams: StreamHandlers = {
    contexts: (_p, stream) =>
      until(
        stream.signal,
        catalogue.listen((c) => stream.emit(c)),
      ),
    connection: ({ context }, stream) =>
      until(
        stream.signal,
        session(context).listen((s) => stream.emit(s)),
      ),
    login: ({ context }, stream) =>
      session(context)
        .logIn((url) => stream.emit({ url }), stream.signal)
        .then(
          () => stream.end(),
          (error: unknown) => stream.end(toRpcError(error)),
        ),
    embedded: (_p, stream) => {
      stream.emit(embedded.states())
      until(
        stream.signal,
        embedded.listen((s) => stream.emit(s)),
      )
    },
    kinds: ({ context }, stream) => streamKinds(session(context), stream),
    list: (p, stream) => (isReleases(p.resource) ? streamReleases : streamList)(session(p.context), p, stream),
    counts: (p, stream) => streamCounts(session(p.context), p, stream),
    object: (p, stream) =>
      isReleases(p.ref) ? streamRelease(session(p.context), p.ref, stream) : streamObject(session(p.context), p.ref, seen, stream),
    history: (p, stream) => streamHistory(session(p.context), p.ref, seen, stream),
    events: (p, stream) => streamEvents(session(p.context), p.ref, stream),
    search: (p, stream) => streamSearch(session, p, stream),
    logs: (p, stream) => streamLogs(session(p.context), p, stream),
    copy: (p, stream) => streamCopy(session(p.context), p, stream),
    shell: (p, stream) => streamShell(session(p.context), p, stream),
    local: (p, stream) => terminals.stream(known(p.context), p, stream),
    command: (p, stream) => commands.stream(p, stream),
    plugin: (p, stream) => plugins.stream(session(p.context), p, stream),
    forwards: (_p, stream) =>
      until(
        stream.signal,
        forwards.listen((f) => stream.emit(f)),
      ),
    benchmark: (p, stream) => streamBenchmark(session(p.context), p, stream),
    usage: (p, stream) => streamUsage(session(p.context), p, stream),
    drain: (p, stream) => drainNode(session(p.context), p, stream),
    helm: (p, stream) => streamHelm(helm, known(p.context), p.operation, stream),
  }

  const guarded = protectedHandlers(() => settings.get(), calls, streams)
  return {
    wake: () => {
      for (const [, s] of sessions.all()) s.wake()
    },
    connect: (channel) => serve(channel, guarded.calls, guarded.streams),
    close: () => {
      stopWatching()
      forwards.close()
      terminals.close()
      commands.close()
      plugins.close()
      helm.close()
      kubectl.close()
      sessions.closeAll()
      catalogue.close()
    },
  }
}
