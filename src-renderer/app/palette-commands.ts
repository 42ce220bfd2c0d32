import {
  Anchor,
  Bookmark,
  Box,
  Cable,
  FilePlus2,
  Languages,
  Laptop,
  LayoutDashboard,
  LayoutGrid,
  type LucideIcon,
  Package,
  PackagePlus,
  Plus,
  ScanSearch,
  Settings,
  SlidersHorizontal,
  SunMoon,
  ShieldCheck,
  SquareChevronRight,
  Workflow,
} from '@lucide/vue'
import { computed, type Component, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute, useRouter } from 'vue-router'
import { titleOf } from '../actions/action.js'
import { actionsFor } from '../actions/actions.js'
import { openInstall } from '../actions/run-helm.js'
import { openLocalTerminal } from '../actions/run.js'
import { forms } from '../create/forms/all-forms.js'
import { useContexts } from '../stores/contexts.js'
import { useDialogs } from '../stores/dialogs.js'
import { useDock } from '../stores/dock.js'
import { useKeys } from '../stores/keys.js'
import { useNamespaces } from '../stores/namespaces.js'
import { useSettings } from '../stores/settings.js'
import { queryOf, readGoLine, wordsOfKind, type GoLine } from './go-line.js'
import { kindTitle } from './kind-groups.js'
import { rank } from './palette-rank.js'
import { placeOf } from './places.js'
import { RELEASES } from './release-kind.js'
import { parseObjectKey, resourceKey } from './routes.js'
import { workloadsKind } from './workloads-kind.js'

/** Something that the command palette leads to or does. */
export interface Command {
  id: string
  group: string
  title: string
  detail?: string
  /** Other words it is found by. */
  words?: string[]
  icon: Component | LucideIcon
  keys?: string | undefined
  run(): unknown
}

/**
 * What the command palette offers where the window is now. After `:` that is where one can go, else everything.
 * @param line what was typed when a command was chosen: after `:` it may say a namespace, a search and a cluster as well
 */
export function usePaletteCommands(line: () => string): {
  /** The clusters, to go to. */
  clusters: ComputedRef<Command[]>
  /** All commands, those nearest to what is open first. */
  commands: ComputedRef<Command[]>
} {
  const { t } = useI18n()
  const route = useRoute()
  const router = useRouter()
  const contexts = useContexts()
  const dialogs = useDialogs()
  const dock = useDock()
  const namespaces = useNamespaces()
  const settings = useSettings()
  const keys = useKeys()
  const context = computed(() => String(route.params.context ?? ''))

  /** Goes to the list of a kind, as a line says: of a namespace, narrowed, on another cluster. */
  function goTo(resource: string, said: GoLine): unknown {
    const other = said.cluster === undefined ? undefined : rank(contexts.all, said.cluster, (c) => [contexts.title(c.id), c.id])[0]?.id
    return router.push({ name: 'list', params: { context: other ?? context.value, resource }, query: queryOf(said, route.query) })
  }

  const clusters = computed<Command[]>(() =>
    contexts.all.map((c) => ({
      id: `context ${c.id}`,
      group: t('palette.cluster'),
      title: contexts.title(c.id),
      detail: c.server,
      icon: Anchor,
      run: () => router.push(placeOf(c.id)),
    })),
  )

  /** What can be done with the object whose details are open. */
  function acts(): Command[] {
    const of = String(route.query.on ?? context.value)
    const open = parseObjectKey(String(route.query.o ?? ''), contexts.kinds(of))
    if (!open) return []
    const target = { context: of, ...open }
    return actionsFor(open.kind, 1)
      .filter((a) => !a.rare)
      .map((a) => ({
        id: `act ${a.id}`,
        group: t('palette.selection'),
        title: titleOf(a),
        detail: open.ref.name,
        icon: a.icon,
        keys: keys.ofAction(a.id),
        run: () => a.run([target]),
      }))
  }

  /** The lists and views of the cluster in sight. */
  function places(): Command[] {
    // The palette is closed when a command runs.
    const byLine = dialogs.palette === 'kinds'
    const kinds = [workloadsKind, ...contexts.kinds(context.value)].map((k) => ({
      id: `kind ${resourceKey(k)}`,
      group: t('palette.go'),
      title: kindTitle(k),
      ...(k.group ? { detail: k.group } : {}),
      words: wordsOfKind(k.resource, k.shortNames),
      icon: Box,
      run: () => goTo(resourceKey(k), byLine ? readGoLine(line()) : { what: '' }),
    }))
    return [
      ...kinds,
      {
        id: 'map',
        group: t('palette.go'),
        title: t('map.title'),
        words: ['xray', 'x', 'topology'],
        icon: Workflow,
        run: () => router.push({ name: 'map', params: { context: context.value }, query: { ns: route.query.ns } }),
      },
      {
        id: 'checks',
        group: t('palette.go'),
        title: t('checks.title'),
        words: ['popeye', 'lint', 'problems'],
        icon: ShieldCheck,
        run: () => router.push({ name: 'checks', params: { context: context.value }, query: { ns: route.query.ns } }),
      },
      {
        id: 'releases',
        group: t('palette.go'),
        title: t('helm.releases'),
        words: ['helm', 'hm', 'releases', 'charts'],
        icon: Package,
        run: () => router.push({ name: 'list', params: { context: context.value, resource: RELEASES }, query: { ns: route.query.ns } }),
      },
      {
        id: 'overview',
        group: t('palette.go'),
        title: t('nav.overview'),
        words: ['pulses', 'pu', 'hz'],
        icon: LayoutDashboard,
        run: () => router.push({ name: 'overview', params: { context: context.value } }),
      },
      {
        id: 'forwards',
        group: t('palette.go'),
        title: t('nav.forwards'),
        words: ['pf', 'portforwards'],
        icon: Cable,
        run: () => dock.open(context.value, t('forwards.title'), { type: 'forwards' }),
      },
    ]
  }

  /** What can be made in the cluster in sight, a terminal for it, and what is chosen for it. */
  function makers(): Command[] {
    const namespace = namespaces.chosen(context.value)[0] ?? contexts.get(context.value)?.namespace ?? 'default'
    const create = (form?: string) => () =>
      dock.open(context.value, t('yaml.createTitle'), { type: 'create', namespace, ...(form ? { form } : {}) })
    return [
      { id: 'create', group: t('palette.app'), title: t('nav.create'), icon: Plus, run: create() },
      ...forms.map(({ kind }) => ({
        id: `new ${kind}`,
        group: t('palette.app'),
        title: t('palette.newKind', { kind }),
        words: ['create', kind],
        icon: FilePlus2,
        run: create(kind),
      })),
      {
        id: 'install',
        group: t('palette.app'),
        title: t('helm.install'),
        words: ['helm', 'install', 'chart'],
        icon: PackagePlus,
        run: () => openInstall(context.value, namespace),
      },
      {
        id: 'terminal',
        group: t('palette.app'),
        title: t('shell.local'),
        words: ['kubectl', 'shell'],
        icon: Laptop,
        keys: keys.shown('terminal'),
        run: () => openLocalTerminal(context.value, namespace),
      },
      {
        id: 'cluster',
        group: t('palette.app'),
        title: t('catalogue.edit', { name: contexts.title(context.value) }),
        words: ['protection', 'read-only', 'colour', 'rename', 'prometheus'],
        icon: SlidersHorizontal,
        run: () => dialogs.open({ type: 'cluster', context: context.value }),
      },
    ]
  }

  /** The search over all clusters, and searches that were saved. */
  function searches(): Command[] {
    return [
      {
        id: 'search',
        group: t('palette.go'),
        title: t('search.label'),
        words: ['find', 'search'],
        icon: ScanSearch,
        keys: keys.shown('search'),
        run: () => router.push({ name: 'search' }),
      },
      ...(settings.value.searches ?? []).map((s) => ({
        id: `search ${s.name}`,
        group: t('search.saved'),
        title: s.name,
        detail: s.query,
        icon: Bookmark,
        run: () => router.push({ name: 'search', query: { q: s.query, ...(s.clusters ? { in: s.clusters } : {}) } }),
      })),
    ]
  }

  /** What is about the window itself. */
  function app(): Command[] {
    const languages = [
      ['en', 'English'],
      ['zh-CN', '简体中文'],
    ] as const
    const group = t('palette.app')
    return [
      { id: 'catalogue', group, title: t('app.allClusters'), icon: LayoutGrid, run: () => router.push('/') },
      ...(['system', 'light', 'dark'] as const).map((theme) => ({
        id: `theme ${theme}`,
        group,
        title: t('palette.theme', { theme: t(`settings.${theme}`) }),
        icon: SunMoon,
        run: () => settings.set({ theme }),
      })),
      ...languages.map(([language, name]) => ({
        id: `language ${language}`,
        group,
        title: t('palette.language', { language: name }),
        icon: Languages,
        run: () => settings.set({ language }),
      })),
      { id: 'settings', group, title: t('settings.title'), icon: Settings, run: () => dialogs.open({ type: 'settings' }) },
      {
        id: 'keys',
        group,
        title: t('keys.title'),
        icon: Settings,
        keys: keys.shown('help'),
        run: () => dialogs.open({ type: 'shortcuts' }),
      },
      {
        id: 'commands',
        group,
        title: t('commands.open'),
        words: ['plugins', 'k9s'],
        icon: SquareChevronRight,
        run: () => dialogs.open({ type: 'commands' }),
      },
      { id: 'about', group, title: t('settings.about'), icon: Anchor, run: () => dialogs.open({ type: 'about' }) },
    ]
  }

  const commands = computed<Command[]>(() => {
    const here = context.value !== ''
    if (dialogs.palette === 'kinds') return here ? places() : []
    return [
      ...(here && dialogs.palette === 'all' ? acts() : []),
      ...(here ? [...places(), ...makers()] : []),
      ...clusters.value,
      ...searches(),
      ...app(),
    ]
  })
  return { clusters, commands }
}
