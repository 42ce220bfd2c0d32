import type { Calls, WritingCall } from '../../src-main/backend/rpc/contract.js'
import { useProtection } from '../stores/protection.js'
import { i18n } from './i18n/i18n.js'
import { BackendError, type Rpc } from './rpc.js'

const writing: Record<WritingCall, true> = {
  'objects.save': true,
  'objects.undo': true,
  'objects.undoSave': true,
  'objects.patch': true,
  'objects.delete': true,
  'objects.apply': true,
  'objects.create': true,
  'objects.subresource': true,
  'workloads.rollback': true,
  'workloads.scale': true,
  'workloads.restart': true,
}

/** Lets no change go out to a context that asks for confirmation before it has been given. */
export function guardWrites(rpc: Rpc): void {
  rpc.guard = (method: keyof Calls, params: unknown) => {
    const { context, dryRun } = params as { context?: string; dryRun?: boolean }
    if (!(method in writing) || !context || dryRun || useProtection().of(context) !== 'confirm') return undefined
    return useProtection()
      .allow(context)
      .then((yes) => {
        if (!yes) throw new BackendError({ reason: 'Cancelled', message: i18n.global.t('protection.cancelled') })
      })
  }
}
