import type { Component } from 'vue'
import type { KindInfo } from '../../src-main/backend/rpc/contract.js'
import { resourceKey } from '../app/routes.js'
import type { Right } from '../stores/access.js'
import { i18n } from '../app/i18n/i18n.js'
import { useDialogs, type Target } from '../stores/dialogs.js'
import type { KubeObject } from '../stores/object.js'

/** Something that can be done to objects of some kinds. The row menu, the details, the palette and the keys all read one list of these. */
export interface Action {
  id: string
  /** `action.LABEL` in the translations. */
  label: string
  /** What a person calls it, of those that are their own; instead of the label. */
  title?: string
  /** Shown on hover. */
  hint?: string
  icon: Component
  /** The key in a list, as {@link https://www.w3.org/TR/uievents-key KeyboardEvent.key}, `ctrl+` before it. */
  key?: string
  danger?: boolean
  /** Offered only while it fits: what is needed once in a while takes no room in the menus of all objects. */
  rare?: boolean
  /** Works on several objects at once. */
  many?: boolean
  /** Starts a new group in menus. */
  group?: boolean
  /** The rights that are needed. */
  needs?: readonly Right[]
  /** Changes nothing in the cluster: offered on read-only contexts too. */
  reads?: boolean
  applies(kind: KindInfo): boolean
  /** Whether it makes sense for the object as it is now: a paused rollout cannot be paused. */
  fits?(object: KubeObject): boolean
  run(targets: Target[]): void | Promise<void>
  /** The dialog of an action that is described rather than written: see {@link ActionForm}. */
  form?: ActionForm
}

// The values of a form's fields; each form knows the types of its own.
// oxlint-disable-next-line typescript/no-explicit-any
export type Values = Record<string, any>

/** A key with a value, in forms for labels and annotations. */
export interface Pair {
  key: string
  value: string
}

/** A taint, in the form for taints. */
export interface TaintValue {
  key: string
  value: string
  effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
}

/** One field of a form. Its label is `form.LABEL`, or `form.ID`. */
export interface Field {
  id: string
  type: 'text' | 'number' | 'check' | 'select' | 'pairs' | 'taints'
  label?: string
  /** `form.HINT` is shown below it. */
  hint?: string
  placeholder?: string
  options?: readonly string[]
  min?: number
  /** May be left empty. */
  optional?: boolean
  show?(values: Values): boolean
}

/** What a dialog is about: its targets, and the object when there is one that is known. */
export interface Subject {
  targets: readonly Target[]
  object: KubeObject | null
}

/** What came of an action on one object. */
export interface Outcome {
  /** Takes it back. */
  undo?: () => Promise<unknown>
  /** What was done shows by itself, in a tab that opened: nothing is told besides. */
  quiet?: boolean
  /** Text to hand over to the person, such as a token. */
  result?: string
}

/** A dialog as data: its fields, the kubectl command that does the same, and what to do. */
export interface ActionForm {
  /** `form.TEXT`: the consequence, below the title. */
  text?: string
  fields?(subject: Subject): readonly Field[]
  initial?(subject: Subject): Values
  /** `form.PROBLEM` when the values cannot be used yet. */
  problem?(values: Values, subject: Subject): string | undefined
  command(values: Values, subject: Subject): string
  run(target: Target, values: Values, object: KubeObject): Promise<Outcome | void>
}

/** What an action is called. */
export const titleOf = ({ title, label }: Pick<Action, 'title' | 'label'>): string => title ?? i18n.global.t(`action.${label}`)

/** An action whose dialog is a form. */
export function formAction(action: Omit<Action, 'run'> & { form: ActionForm }): Action {
  return { ...action, run: (targets) => useDialogs().open({ type: 'action', action: action.id, targets }) }
}

/** Applies to these resources, as `resource.group`. */
export const on =
  (...keys: string[]) =>
  (kind: KindInfo): boolean =>
    keys.includes(resourceKey(kind))

/** Applies to all kinds that have a verb. */
export const can =
  (verb: string) =>
  (kind: KindInfo): boolean =>
    kind.verbs.includes(verb)

/** Does something with the first target. */
export const first =
  (act: (target: Target) => unknown) =>
  async ([target]: Target[]): Promise<void> => {
    if (target) await act(target)
  }
