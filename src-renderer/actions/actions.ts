import {
  Ban,
  Cable,
  CirclePause,
  CirclePlay,
  Container,
  History,
  Image,
  Pencil,
  Play,
  RotateCw,
  Scaling,
  ScrollText,
  SquareTerminal,
  Trash2,
  Unplug,
} from '@lucide/vue'
import type { Component } from 'vue'
import type { KindInfo } from '../../src-main/backend/rpc/contract.js'
import { resourceKey } from '../app/routes.js'
import type { Target } from '../stores/dialogs.js'
import * as run from './run.js'

/** Something that can be done to objects of some kinds. The row menu, the details, the palette and the keys all read this list. */
export interface Action {
  id: string
  /** `action.LABEL` in the translations. */
  label: string
  icon: Component
  /** The key in a list, as {@link https://www.w3.org/TR/uievents-key KeyboardEvent.key}, `ctrl+` before it. */
  key?: string
  danger?: boolean
  /** Works on several objects at once. */
  many?: boolean
  /** Starts a new group in menus. */
  group?: boolean
  /** The right that is needed: verb and subresource. */
  needs?: { verb: string; subresource?: string }
  applies(kind: KindInfo): boolean
  run(targets: Target[]): void | Promise<void>
}

const on =
  (...keys: string[]) =>
  (kind: KindInfo) =>
    keys.includes(resourceKey(kind))
const can = (verb: string) => (kind: KindInfo) => kind.verbs.includes(verb)
const first =
  (act: (target: Target) => void | Promise<void>) =>
  ([target]: Target[]) =>
    target && act(target)

export const podWorkloads = [
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'replicasets.apps',
  'replicationcontrollers',
  'jobs.batch',
]

/** All actions, in the order of menus. */
export const actions: Action[] = [
  {
    id: 'logs',
    label: 'logs',
    icon: ScrollText,
    key: 'l',
    applies: on('pods', ...podWorkloads, 'services'),
    needs: { verb: 'get', subresource: 'log' },
    run: first(run.openLogs),
  },
  {
    id: 'logs-previous',
    label: 'logsPrevious',
    icon: History,
    key: 'p',
    applies: on('pods'),
    needs: { verb: 'get', subresource: 'log' },
    run: first(run.openPreviousLogs),
  },
  {
    id: 'shell',
    label: 'shell',
    icon: SquareTerminal,
    key: 's',
    applies: on('pods'),
    needs: { verb: 'create', subresource: 'exec' },
    run: first(run.openShell),
  },
  {
    id: 'attach',
    label: 'attach',
    icon: Unplug,
    key: 'a',
    applies: on('pods'),
    needs: { verb: 'create', subresource: 'attach' },
    run: first(run.openAttach),
  },
  {
    id: 'forward',
    label: 'forward',
    icon: Cable,
    key: 'f',
    applies: on('pods', 'services', 'deployments.apps', 'statefulsets.apps', 'replicasets.apps'),
    run: first(run.openForward),
  },
  { id: 'pods', label: 'pods', icon: Container, applies: on(...podWorkloads, 'services', 'nodes'), run: first(run.showPods) },
  {
    id: 'scale',
    label: 'scale',
    icon: Scaling,
    key: 'c',
    group: true,
    many: true,
    applies: on('deployments.apps', 'statefulsets.apps', 'replicasets.apps', 'replicationcontrollers'),
    needs: { verb: 'patch', subresource: 'scale' },
    run: run.openScale,
  },
  {
    id: 'restart',
    label: 'restart',
    icon: RotateCw,
    key: 'r',
    many: true,
    applies: on('deployments.apps', 'statefulsets.apps', 'daemonsets.apps'),
    needs: { verb: 'patch' },
    run: run.openRestart,
  },
  {
    id: 'image',
    label: 'image',
    icon: Image,
    applies: on('deployments.apps', 'statefulsets.apps', 'daemonsets.apps', 'replicationcontrollers', 'replicasets.apps', 'pods'),
    needs: { verb: 'patch' },
    run: first(run.openImage),
  },
  {
    id: 'pause',
    label: 'pause',
    icon: CirclePause,
    applies: on('deployments.apps'),
    many: true,
    needs: { verb: 'patch' },
    run: run.patchAll('pause', { spec: { paused: true } }),
  },
  {
    id: 'resume',
    label: 'resume',
    icon: CirclePlay,
    applies: on('deployments.apps'),
    many: true,
    needs: { verb: 'patch' },
    run: run.patchAll('resume', { spec: { paused: null } }),
  },
  { id: 'trigger', label: 'trigger', icon: Play, group: true, applies: on('cronjobs.batch'), run: first(run.triggerCronJob) },
  {
    id: 'suspend',
    label: 'suspend',
    icon: CirclePause,
    applies: on('cronjobs.batch', 'jobs.batch'),
    many: true,
    needs: { verb: 'patch' },
    run: run.patchAll('suspend', { spec: { suspend: true } }),
  },
  {
    id: 'unsuspend',
    label: 'unsuspend',
    icon: CirclePlay,
    applies: on('cronjobs.batch', 'jobs.batch'),
    many: true,
    needs: { verb: 'patch' },
    run: run.patchAll('unsuspend', { spec: { suspend: false } }),
  },
  {
    id: 'cordon',
    label: 'cordon',
    icon: Ban,
    group: true,
    many: true,
    applies: on('nodes'),
    needs: { verb: 'patch' },
    run: run.patchAll('cordon', { spec: { unschedulable: true } }),
  },
  {
    id: 'uncordon',
    label: 'uncordon',
    icon: CirclePlay,
    many: true,
    applies: on('nodes'),
    needs: { verb: 'patch' },
    run: run.patchAll('uncordon', { spec: { unschedulable: null } }),
  },
  { id: 'edit', label: 'edit', icon: Pencil, key: 'e', group: true, applies: can('get'), run: first(run.openYaml) },
  {
    id: 'delete',
    label: 'delete',
    icon: Trash2,
    key: 'ctrl+d',
    group: true,
    many: true,
    danger: true,
    applies: can('delete'),
    needs: { verb: 'delete' },
    run: run.openDelete,
  },
  {
    id: 'force-delete',
    label: 'forceDelete',
    icon: Trash2,
    many: true,
    danger: true,
    applies: on('pods'),
    needs: { verb: 'delete' },
    run: run.openForceDelete,
  },
]

/** The actions that can be offered for this many objects of a kind. */
export function actionsFor(kind: KindInfo, count: number): Action[] {
  return actions.filter((a) => a.applies(kind) && (count === 1 || a.many))
}
