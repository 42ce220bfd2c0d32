import { FlaskConical, PackageMinus, PackagePlus, Undo2 } from '@lucide/vue'
import type { HelmOperation, HelmRelease } from '../../../src-main/backend/rpc/contract.js'
import { RELEASES } from '../../app/release-kind.js'
import type { Target } from '../../stores/dialogs.js'
import type { KubeObject } from '../../stores/object.js'
import { formAction, on, type Action, type Values } from '../action.js'
import { helmCommand } from '../helm-command.js'
import { openUpgrade, runHelm, withHelm } from '../run-helm.js'

const SECRETS = { group: '', version: 'v1', resource: 'secrets' }
/** Helm writes a record of each revision. */
const writes = [
  { verb: 'create', resource: SECRETS },
  { verb: 'update', resource: SECRETS },
]
const releaseOf = (object: KubeObject | null): HelmRelease | null => object as unknown as HelmRelease | null

/** The revision that a rollback without a choice goes to: the newest that was once in force, before the present one. */
export function revisionBefore(release: HelmRelease | null): number {
  return release?.history.find((r) => r.revision < release.revision && r.status === 'superseded')?.revision ?? 0
}

/** An action that is a form for helm; without helm it says how to get it. */
function helmAction(
  action: Omit<Parameters<typeof formAction>[0], 'form' | 'applies'> & {
    form: Omit<Parameters<typeof formAction>[0]['form'], 'command' | 'run'>
  },
  operation: (target: Target, values: Values) => HelmOperation,
): Action {
  const made = formAction({
    ...action,
    applies: on(RELEASES),
    form: {
      ...action.form,
      command: (values, { targets }) => targets.map((t) => helmCommand(t.context, operation(t, values))).join('\n'),
      run: async (target, values) => {
        await runHelm(target.context, operation(target, values))
        return { quiet: true }
      },
    },
  })
  return { ...made, run: (targets) => withHelm(() => made.run(targets)) }
}
const named = ({ ref }: Target): { namespace: string; name: string } => ({ namespace: ref.namespace ?? '', name: ref.name })

/** What can be done to Helm's releases, with the person's own helm. */
export const helmActions: Action[] = [
  {
    id: 'helm-upgrade',
    label: 'helmUpgrade',
    icon: PackagePlus,
    key: 'e',
    group: true,
    needs: writes,
    applies: on(RELEASES),
    run: async ([target]) => {
      if (target) await openUpgrade(target)
    },
  },
  helmAction(
    {
      id: 'helm-rollback',
      label: 'rollback',
      icon: Undo2,
      needs: writes,
      fits: (o) => (releaseOf(o)?.history.length ?? 0) > 1,
      form: {
        text: 'helmRollback',
        fields: ({ object }) => [
          {
            id: 'revision',
            type: 'select',
            label: 'helmRevision',
            options: (releaseOf(object)?.history ?? [])
              .filter((r) => r.revision !== releaseOf(object)?.revision)
              .map((r) => String(r.revision)),
          },
          { id: 'wait', type: 'check', label: 'helmWait' },
        ],
        initial: ({ object }) => ({ revision: String(revisionBefore(releaseOf(object)) || ''), wait: false }),
        problem: (v) => (v.revision ? undefined : 'noRevision'),
      },
    },
    (target, v) => ({ act: 'rollback', ...named(target), revision: Number(v.revision), wait: v.wait === true }),
  ),
  helmAction({ id: 'helm-test', label: 'helmTest', icon: FlaskConical, needs: writes, form: { text: 'helmTest' } }, (target) => ({
    act: 'test',
    ...named(target),
  })),
  helmAction(
    {
      id: 'helm-uninstall',
      label: 'helmUninstall',
      icon: PackageMinus,
      key: 'ctrl+d',
      group: true,
      many: true,
      danger: true,
      needs: [{ verb: 'delete', resource: SECRETS }],
      form: {
        text: 'helmUninstall',
        fields: () => [
          { id: 'keepHistory', type: 'check', label: 'helmKeepHistory' },
          { id: 'wait', type: 'check', label: 'helmWaitGone' },
        ],
        initial: () => ({ keepHistory: false, wait: false }),
      },
    },
    (target, v) => ({ act: 'uninstall', ...named(target), keepHistory: v.keepHistory === true, wait: v.wait === true }),
  ),
]
