import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Wording } from '../app/i18n/wording.js'
import type { CustomColumn, KindInfo, ObjectRef, OwnCommand } from '../../src-main/backend/rpc/contract.js'

/** One object that an action is about. */
export interface Target {
  context: string
  kind: KindInfo
  ref: ObjectRef
}

/** Copying files of a pod. What is left out, the person says; `done` is called once they are copied. */
export interface CopyRequest {
  type: 'copy'
  target: Target
  direction?: 'from' | 'to'
  container?: string
  remote?: string
  done?: () => void
}

/** What a person is asked before something is done. */
export interface Question {
  title: Wording
  text: Wording
  /** On the button that says yes. */
  action: Wording
  danger?: boolean
  /** Has to be typed first. */
  word?: string
}

/** A dialog and what it is about. */
export type DialogRequest =
  | { type: 'delete'; targets: Target[]; force?: boolean }
  | { type: 'scale'; targets: Target[] }
  | { type: 'image'; target: Target }
  | { type: 'rollback'; target: Target; revision?: number }
  | { type: 'action'; action: string; targets: Target[] }
  | { type: 'forward'; target: Target }
  | CopyRequest
  | { type: 'benchmark'; target: Target }
  | (Question & { type: 'confirm'; done: (yes: boolean) => void })
  /** A new column for lists of a kind; `labels` are those that its objects have. */
  | { type: 'column'; kind: string; labels: readonly string[]; done: (column: CustomColumn) => void }
  | { type: 'templates'; namespace: string; pick: (text: string) => void }
  | { type: 'save-template'; name: string; text: string }
  | { type: 'cluster'; context: string }
  /** A new embedded cluster, or one from a snapshot of another. */
  | { type: 'new-cluster'; from?: { cluster: string; snapshot: string } }
  | { type: 'snapshots'; cluster: string }
  | { type: 'kubeconfigs' }
  /** Installs a chart, or upgrades the release `name`. */
  | { type: 'helm-deploy'; context: string; act: 'install' | 'upgrade'; namespace: string; name?: string }
  | { type: 'helm-missing' }
  /** Asks before a command of the person's own is run. */
  | { type: 'own-command'; command: OwnCommand; targets: Target[] }
  | { type: 'command-output'; title: string; line: string; output: string }
  | { type: 'commands' }
  | { type: 'shortcuts' }
  | { type: 'settings' }
  | { type: 'about' }

/** The dialog that is open; one at a time. */
export const useDialogs = defineStore('dialogs', () => {
  const current = shallowRef<DialogRequest | null>(null)
  const palette = shallowRef<'closed' | 'all' | 'kinds'>('closed')

  function open(request: DialogRequest): void {
    current.value = request
  }

  function close(): void {
    const was = current.value
    current.value = null
    if (was?.type === 'confirm') was.done(false)
  }

  function confirm(question: Question): Promise<boolean> {
    return new Promise((done) => open({ type: 'confirm', ...question, done }))
  }

  return { current, palette, open, close, confirm }
})
