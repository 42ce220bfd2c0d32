import { PanelBottom, Pencil, StickyNote, Tag, Trash2 } from '@lucide/vue'
import { can, first, formAction, on, type Action, type Pair, type Subject, type Values } from '../action.js'
import { kubectlOn, names } from '../kubectl.js'
import { mapChange, mergePatch } from '../patch.js'
import * as run from '../run.js'

type Map = 'labels' | 'annotations'
/** Annotations that are written by tools and only in the way of a person. */
const BULKY = 'kubectl.kubernetes.io/last-applied-configuration'

const before = ({ object }: Pick<Subject, 'object'>, map: Map): Record<string, string> => {
  const { [BULKY]: _, ...rest } = object?.metadata[map] ?? {}
  return rest
}
const change = (v: Values, subject: Pick<Subject, 'object'>, map: Map) => mapChange(before(subject, map), v.pairs as Pair[])

/** `kubectl label` and `kubectl annotate` are one thing on two maps. */
function mapAction(map: Map, verb: 'label' | 'annotate', icon: Action['icon'], group: boolean): Action {
  return formAction({
    id: verb,
    label: verb,
    icon,
    group,
    many: true,
    applies: can('patch'),
    needs: [{ verb: 'patch' }],
    form: {
      ...(map === 'labels' ? { text: 'label' } : {}),
      fields: ({ targets }) => [{ id: 'pairs', type: 'pairs', label: map, ...(targets.length > 1 ? { hint: 'pairsMany' } : {}) }],
      initial: (subject) => ({
        pairs: Object.entries(before(subject, map)).map(([key, value]) => ({ key, value })),
        many: subject.targets.length > 1,
      }),
      problem: (v, subject) => (change(v, subject, map) ? undefined : 'unchanged'),
      command: (v, subject) => {
        const words = Object.entries(change(v, subject, map) ?? {})
        const old = before(subject, map)
        const overwrite = subject.targets.length > 1 || words.some(([k, value]) => value !== null && old[k] !== undefined)
        return kubectlOn(subject.targets, (group) => [
          verb,
          ...(overwrite ? ['--overwrite'] : []),
          ...names(group),
          ...words.map(([k, value]) => (value === null ? `${k}-` : `${k}=${value}`)),
        ])
      },
      run: async (target, v, object) => {
        // Of several objects only what was typed is set; of one, keys that were taken out go.
        const known = v.many ? {} : before({ object }, map)
        const wanted = mapChange(known, v.pairs as Pair[])
        return wanted ? mergePatch(target, { metadata: { [map]: wanted } }, object) : undefined
      },
    },
  })
}

/** Actions on objects of any kind. */
export const anyActions: Action[] = [
  mapAction('labels', 'label', Tag, true),
  mapAction('annotations', 'annotate', StickyNote, false),
  {
    id: 'details-tab',
    label: 'detailsTab',
    icon: PanelBottom,
    group: true,
    reads: true,
    many: true,
    applies: can('get'),
    run: run.openDetailsTabs,
  },
  { id: 'edit', label: 'edit', icon: Pencil, key: 'e', reads: true, applies: can('get'), run: first(run.openYaml) },
  {
    id: 'delete',
    label: 'delete',
    icon: Trash2,
    key: 'ctrl+d',
    group: true,
    many: true,
    danger: true,
    applies: can('delete'),
    needs: [{ verb: 'delete' }],
    run: run.openDelete,
  },
  {
    id: 'force-delete',
    label: 'forceDelete',
    icon: Trash2,
    many: true,
    danger: true,
    applies: on('pods'),
    needs: [{ verb: 'delete' }],
    run: run.openForceDelete,
  },
]
