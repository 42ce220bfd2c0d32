import { defineStore } from 'pinia'
import type { CommandEvent, RpcError } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../app/i18n/i18n.js'
import { backend } from '../app/rpc.js'
import { useDialogs } from './dialogs.js'
import { useToasts } from './toasts.js'

/** How much of what a command prints is kept, characters; of more, the last. */
const MOST_OUTPUT = 200_000

/** A command line that runs in the background. */
interface BackgroundRun {
  run: string
  line: string
  title: string
}

/** Commands in the background: that one runs is told for as long as it does, and how it ended. */
export const useCommandRuns = defineStore('command-runs', () => {
  const { t } = i18n.global

  function start({ run, line, title }: BackgroundRun): void {
    const toasts = useToasts()
    const decoder = new TextDecoder()
    let output = ''
    let stopped = false
    let over = false
    const end = (code: number | null, error?: RpcError): void => {
      if (over) return
      over = true
      toasts.close(running)
      const show = { label: () => t('commands.output'), run: () => useDialogs().open({ type: 'command-output', title, line, output }) }
      if (stopped) toasts.add({ tone: 'info', text: () => t('commands.stopped', { name: title }), action: show })
      else if (code === 0 && !error) toasts.ok(() => t('commands.done', { name: title }), show)
      else if (error) toasts.failed(() => t('commands.failed', { name: title }), error)
      else toasts.add({ tone: 'bad', text: () => t('commands.exited', { name: title, code: code ?? '?' }), action: show })
    }
    const take = (e: CommandEvent): void => {
      if (e.type === 'data') output = (output + decoder.decode(e.data, { stream: true })).slice(-MOST_OUTPUT)
      else if (e.type === 'exit') end(e.code, e.error)
    }
    const stream = backend.open('command', { run, columns: 80, rows: 24 }, take, (error) => end(null, error))
    const stop = (): void => {
      stopped = true
      stream.close()
      end(null)
    }
    const running = toasts.add(
      { tone: 'info', text: () => t('commands.running', { name: title }), action: { label: () => t('commands.stop'), run: stop } },
      0,
    )
  }

  return { start }
})
