import { Ban, CirclePlay, Droplets, SquareTerminal, Tags } from '@lucide/vue'
import { useProtection } from '../../stores/protection.js'
import { useDock } from '../../stores/dock.js'
import type { DrainOptions } from '../../../src-main/backend/rpc/contract.js'
import { formAction, on, type Action, type TaintValue, type Values } from '../action.js'
import { debugNode } from '../debug.js'
import { kubectl, kubectlOn } from '../kubectl.js'
import { mergePatch } from '../patch.js'
import type { Target } from '../../stores/dialogs.js'
import type { KubeObject } from '../../stores/object.js'

const PODS = { group: '', version: 'v1', resource: 'pods' }
const nodeNames = (targets: readonly Target[]) => targets.map((t) => t.ref.name)
const taintText = (t: TaintValue) => `${t.key}${t.value ? `=${t.value}` : ''}:${t.effect}`

/** The flags of `kubectl drain` for a form's values; what is kubectl's own default is left out. */
export function drainWords(v: Values): string[] {
  return [
    ...(v.ignoreDaemonSets ? ['--ignore-daemonsets'] : []),
    ...(v.deleteEmptyDirData ? ['--delete-emptydir-data'] : []),
    ...(v.force ? ['--force'] : []),
    ...(v.disableEviction ? ['--disable-eviction'] : []),
    ...(v.gracePeriodSeconds >= 0 ? [`--grace-period=${v.gracePeriodSeconds}`] : []),
    ...(v.timeoutSeconds > 0 ? [`--timeout=${v.timeoutSeconds}s`] : []),
    ...(v.podSelector ? [`--pod-selector=${v.podSelector}`] : []),
  ]
}

/** What `kubectl taint` has to be told so that `before` becomes `after`. */
export function taintWords(before: readonly TaintValue[], after: readonly TaintValue[]): string[] {
  const id = (t: TaintValue) => `${t.key}:${t.effect}`
  const kept = new Map(after.map((t) => [id(t), t]))
  const old = new Map(before.map((t) => [id(t), t]))
  const removed = before.filter((t) => !kept.has(id(t))).map((t) => `${id(t)}-`)
  const added = after.filter((t) => t.key && (old.get(id(t))?.value ?? null) !== (t.value ?? '')).map(taintText)
  return [...added, ...removed, ...(after.some((t) => old.has(id(t)) && (old.get(id(t))!.value ?? '') !== t.value) ? ['--overwrite'] : [])]
}

interface Taint {
  key: string
  value?: string
  effect: TaintValue['effect']
  timeAdded?: string
}
const taintsOf = (object: KubeObject | null): TaintValue[] =>
  (object?.spec?.taints ?? []).map((t: Taint) => ({
    key: t.key,
    value: t.value ?? '',
    effect: t.effect,
  }))

/** Actions on nodes. */
export const nodeActions: Action[] = [
  formAction({
    id: 'cordon',
    label: 'cordon',
    icon: Ban,
    group: true,
    many: true,
    applies: on('nodes'),
    needs: [{ verb: 'patch' }],
    fits: (o) => !o.spec?.unschedulable,
    form: {
      text: 'cordon',
      command: (_v, { targets }) => kubectlOn(targets, (group) => ['cordon', ...nodeNames(group)]),
      run: (target, _v, object) => mergePatch(target, { spec: { unschedulable: true } }, object),
    },
  }),
  formAction({
    id: 'uncordon',
    label: 'uncordon',
    icon: CirclePlay,
    many: true,
    applies: on('nodes'),
    needs: [{ verb: 'patch' }],
    fits: (o) => o.spec?.unschedulable === true,
    form: {
      command: (_v, { targets }) => kubectlOn(targets, (group) => ['uncordon', ...nodeNames(group)]),
      run: (target, _v, object) => mergePatch(target, { spec: { unschedulable: null } }, object),
    },
  }),
  formAction({
    id: 'drain',
    label: 'drain',
    icon: Droplets,
    many: true,
    danger: true,
    applies: on('nodes'),
    needs: [{ verb: 'patch' }, { verb: 'create', subresource: 'eviction', resource: PODS }],
    form: {
      text: 'drain',
      fields: () => [
        { id: 'ignoreDaemonSets', type: 'check' },
        { id: 'deleteEmptyDirData', type: 'check', hint: 'deleteEmptyDirData' },
        { id: 'force', type: 'check', label: 'drainForce', hint: 'drainForce' },
        { id: 'disableEviction', type: 'check', hint: 'disableEviction' },
        { id: 'gracePeriodSeconds', type: 'number', min: -1, hint: 'gracePeriodSeconds' },
        { id: 'timeoutSeconds', type: 'number', min: 0, hint: 'timeoutSeconds' },
        { id: 'podSelector', type: 'text', optional: true, placeholder: 'app=web' },
      ],
      initial: () => ({
        ignoreDaemonSets: true,
        deleteEmptyDirData: false,
        force: false,
        disableEviction: false,
        gracePeriodSeconds: -1,
        timeoutSeconds: 0,
        podSelector: '',
      }),
      command: (v, { targets }) => kubectlOn(targets, (group) => ['drain', ...nodeNames(group), ...drainWords(v)]),
      run: async ({ context, ref }, v) => {
        if (!(await useProtection().allow(context))) return { quiet: true }
        const { podSelector, ...rest } = v as DrainOptions
        useDock().open(context, ref.name, { type: 'drain', node: ref.name, options: { ...rest, ...(podSelector ? { podSelector } : {}) } })
        return { quiet: true }
      },
    },
  }),
  formAction({
    id: 'taint',
    label: 'taint',
    icon: Tags,
    applies: on('nodes'),
    needs: [{ verb: 'patch' }],
    form: {
      text: 'taint',
      fields: () => [{ id: 'taints', type: 'taints' }],
      initial: ({ object }) => ({ taints: taintsOf(object) }),
      problem: (v, { object }) => (taintWords(taintsOf(object), v.taints).length ? undefined : 'unchanged'),
      command: (v, { targets, object }) =>
        kubectl(targets[0]!, 'taint', 'nodes', ...nodeNames(targets), ...taintWords(taintsOf(object), v.taints)),
      run: (target, v, object) => {
        const taints = (v.taints as TaintValue[])
          .filter((t) => t.key)
          .map((t) => {
            const now = (object.spec?.taints as Taint[] | undefined)?.find((x) => x.key === t.key && x.effect === t.effect)
            // What stays as it is keeps the moment from which its pods are counted out.
            if (now && (now.value ?? '') === t.value) return now
            return { key: t.key, ...(t.value ? { value: t.value } : {}), effect: t.effect }
          })
        return mergePatch(target, { spec: { taints: taints.length ? taints : null } }, object)
      },
    },
  }),
  formAction({
    id: 'node-shell',
    label: 'nodeShell',
    icon: SquareTerminal,
    key: 's',
    applies: on('nodes'),
    needs: [{ verb: 'create', resource: PODS }],
    form: {
      text: 'nodeShell',
      fields: () => [
        { id: 'image', type: 'text' },
        { id: 'namespace', type: 'text' },
      ],
      initial: () => ({ image: 'busybox', namespace: 'default' }),
      command: (v, { targets: [target] }) =>
        kubectl(
          { context: target!.context, ref: { ...target!.ref, namespace: v.namespace } },
          'debug',
          `node/${target!.ref.name}`,
          '-it',
          `--image=${v.image}`,
          '--profile=sysadmin',
        ),
      run: (target, v) => debugNode(target, v.image, v.namespace),
    },
  }),
]
