/** Refuses changes to contexts that are protected as read-only, whatever asks for them. */
import { problem } from '../errors.js'
import type { Settings, WritingCall } from '../rpc/contract.js'
import type { CallHandlers, StreamHandlers } from '../rpc/serve.js'

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

/** Throws `ReadOnly` where a person protected the context as read-only. */
export function refuseReadOnly(settings: Pick<Settings, 'clusters'>, context: string): void {
  if (settings.clusters?.[context]?.protection === 'read-only') throw problem('ReadOnly', 'readOnly', { context })
}

/** The same handlers, but what would change a read-only context is refused with reason `ReadOnly`. Shells change things too. */
export function protectedHandlers(
  settings: () => Settings,
  calls: CallHandlers,
  streams: StreamHandlers,
): { calls: CallHandlers; streams: StreamHandlers } {
  const refuse = (context: string): void => refuseReadOnly(settings(), context)
  const guarded = { ...calls } as unknown as Record<string, (p: { context: string; dryRun?: boolean }) => unknown>
  for (const method of Object.keys(writing)) {
    const handler = guarded[method]!
    guarded[method] = (p) => {
      if (!p.dryRun) refuse(p.context)
      return handler(p)
    }
  }
  return {
    calls: guarded as unknown as CallHandlers,
    streams: {
      ...streams,
      shell: (p, stream) => {
        refuse(p.context)
        return streams.shell(p, stream)
      },
      copy: (p, stream) => {
        if (p.direction === 'to') refuse(p.context)
        return streams.copy(p, stream)
      },
      // kubectl in it would have the person's full rights.
      local: (p, stream) => {
        refuse(p.context)
        return streams.local(p, stream)
      },
      // What a Service does when it is asked, nobody here knows.
      benchmark: (p, stream) => {
        refuse(p.context)
        return streams.benchmark(p, stream)
      },
      drain: (p, stream) => {
        refuse(p.context)
        return streams.drain(p, stream)
      },
      helm: (p, stream) => {
        refuse(p.context)
        return streams.helm(p, stream)
      },
    },
  }
}
