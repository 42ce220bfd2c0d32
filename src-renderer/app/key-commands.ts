import type { OwnCommand } from '../../src-main/backend/rpc/contract.js'
import { actions } from '../actions/actions.js'

/** Something that a key does. */
export interface KeyCommand {
  /** In the settings: `palette`, `list.search`, `action.logs`, `sort.age`. */
  id: string
  group: 'everywhere' | 'list' | 'logs' | 'actions' | 'sort'
  /** Where its name is in the translations; of several actions on one key all names are told. */
  labels: readonly string[]
  /** What a person calls it, of those that are their own; instead of the labels. */
  title?: string
  /** Its keys as long as nobody has chosen others, as `key-combos.ts` writes them. */
  keys: readonly string[]
  /** Works while something is typed, too. */
  typing?: boolean
}

const everywhere = (id: string, label: string, ...keys: string[]): KeyCommand => ({
  id,
  group: 'everywhere',
  labels: [label],
  keys,
  typing: true,
})
const anywhere = (id: string, label: string, ...keys: string[]): KeyCommand => ({ id, group: 'everywhere', labels: [label], keys })
const logs = (id: string, label: string, ...keys: string[]): KeyCommand => ({ id: `logs.${id}`, group: 'logs', labels: [label], keys })
const list = (id: string, label: string, ...keys: string[]): KeyCommand => ({ id: `list.${id}`, group: 'list', labels: [label], keys })

/** Columns that a key sorts by, as in k9s. */
export const sortKeys: Record<string, string> = {
  N: 'name',
  A: 'age',
  S: 'status',
  R: 'ready',
  T: 'restarts',
  C: 'cpu',
  M: 'memory',
  O: 'node',
  I: 'ip',
  P: 'namespace',
}

/** Actions by the key that they have from the start: `s` is a shell in a pod and on a node. Those without one are alone. */
function actionCommands(): KeyCommand[] {
  const groups = new Map<string, KeyCommand & { labels: string[] }>()
  for (const a of actions) {
    const known = a.key ? groups.get(a.key) : undefined
    const label = `action.${a.label}`
    if (!known) groups.set(a.key ?? a.id, { id: `action.${a.id}`, group: 'actions', labels: [label], keys: a.key ? [a.key] : [] })
    else if (!known.labels.includes(label)) known.labels.push(label)
  }
  return [...groups.values()]
}

/** Everything that a key does and a person may give another key. */
export const keyCommands: readonly KeyCommand[] = [
  // In a terminal Ctrl with a letter belongs to the program, except with Shift.
  everywhere('palette', 'keys.palette', 'mod+k', 'mod+shift+k'),
  everywhere('search', 'search.label', 'mod+/'),
  anywhere('kinds', 'keys.kinds', ':'),
  anywhere('namespaces', 'keys.namespaces', 'n'),
  everywhere('back', 'keys.back', 'alt+ArrowLeft', '['),
  everywhere('forward', 'keys.forward', 'alt+ArrowRight', ']'),
  everywhere('dock', 'keys.toggleDock', 'mod+j', 'mod+`'),
  everywhere('terminal', 'shell.local', 'ctrl+shift+`'),
  everywhere('tab.next', 'keys.nextTab', 'ctrl+PageDown'),
  everywhere('tab.previous', 'keys.previousTab', 'ctrl+PageUp'),
  anywhere('settings', 'settings.title', 'mod+,'),
  anywhere('help', 'keys.help', '?'),
  list('down', 'keys.down', 'j'),
  list('up', 'keys.up', 'k'),
  list('first', 'keys.first', 'g'),
  list('last', 'keys.last', 'G'),
  list('details', 'keys.open', 'd'),
  list('yaml', 'keys.yaml', 'y'),
  list('describe', 'keys.describe', 'D'),
  list('search', 'keys.search', '/', 'mod+f'),
  list('faults', 'keys.faults', 'ctrl+z'),
  logs('search', 'logs.search', '/', 'mod+f'),
  logs('next', 'logs.next', 'n'),
  logs('before', 'logs.before', 'N'),
  logs('filter', 'logs.filter', '&'),
  logs('down', 'keys.lineDown', 'j'),
  logs('up', 'keys.lineUp', 'k'),
  logs('first', 'keys.firstLine', 'g'),
  logs('last', 'logs.follow', 'G'),
  logs('pause', 'logs.pause', 'p'),
  logs('wrap', 'logs.wrap', 'w'),
  logs('timestamps', 'logs.timestamps', 't'),
  logs('mark', 'logs.mark', 'm'),
  logs('save', 'logs.download', 'mod+s'),
  ...actionCommands(),
  ...Object.entries(sortKeys).map(([key, column]): KeyCommand => ({
    id: `sort.${column}`,
    group: 'sort',
    labels: [`columns.${column}`],
    keys: [key],
  })),
]

/** The commands of a person's own, as far as a key can be given to them. */
export const ownKeyCommands = (commands: readonly OwnCommand[]): KeyCommand[] =>
  commands.map(({ name, shortcut }) => ({
    id: `action.own:${name}`,
    group: 'actions',
    labels: [],
    title: name,
    keys: shortcut ? [shortcut] : [],
  }))

/** The command that an action of the window's own belongs to. */
export function commandOfAction(id: string): KeyCommand | undefined {
  const action = actions.find((a) => a.id === id)
  const first = action?.key ? actions.find((a) => a.key === action.key) : action
  return first && keyCommands.find((c) => c.id === `action.${first.id}`)
}
