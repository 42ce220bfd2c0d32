import { typing } from '../app/keys.js'
import { useKeys } from '../stores/keys.js'

/** What the keys of a log do, by the names in `key-commands.ts`: `next` of `logs.next`. */
export type LogActs = Record<string, () => void>

/** The handler of the keys of a log, as in k9s and less; where something is typed only those with Ctrl or ⌘. */
export function useLogKeys(acts: LogActs): (e: KeyboardEvent) => void {
  const keys = useKeys()
  return (e) => {
    if (typing(e.target) && !e.ctrlKey && !e.metaKey) return
    const command = keys.commandsFor(e).find((c) => c.group === 'logs')
    const act = command && acts[command.id.slice('logs.'.length)]
    if (!act) return
    e.preventDefault()
    e.stopPropagation()
    act()
  }
}
