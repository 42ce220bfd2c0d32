import { defineStore } from 'pinia'
import { computed } from 'vue'
import { comboOf, sameKey, spellings, type KeyPress } from '../app/key-combos.js'
import { i18n } from '../app/i18n/i18n.js'
import { listed } from '../app/i18n/listed.js'
import { commandOfAction, keyCommands, ownKeyCommands, type KeyCommand } from '../app/key-commands.js'
import { useSettings } from './settings.js'

/** Which keys do what: as they are from the start, or as a person has chosen. */
export const useKeys = defineStore('keys', () => {
  const settings = useSettings()
  const chosen = computed(() => settings.value.keys ?? {})
  /** Everything that a key does or could do. */
  const all = computed(() => [...keyCommands, ...ownKeyCommands(settings.value.commands ?? [])])
  const byKey = computed(() => {
    const map = new Map<string, KeyCommand[]>()
    for (const command of all.value) for (const key of of(command).flatMap(spellings)) map.set(key, [...(map.get(key) ?? []), command])
    return map
  })

  /** The keys of a command. */
  function of(command: KeyCommand): readonly string[] {
    return chosen.value[command.id] ?? command.keys
  }

  /** The first key of a command by its id, to be shown beside it. */
  function shown(id: string): string | undefined {
    const command = all.value.find((c) => c.id === id)
    return command && of(command)[0]
  }

  /** The command that an action belongs to. */
  const ofAct = (id: string): KeyCommand | undefined => commandOfAction(id) ?? all.value.find((c) => c.id === `action.${id}`)

  /** What a command is called; a column that only some kinds have may have no name of its own. */
  function nameOf({ title, labels }: KeyCommand): string {
    const { t, te } = i18n.global
    return title ?? listed([...new Set(labels.map((l) => (te(l) ? t(l) : l.split('.').at(-1)!)))])
  }

  /** The key of an action, to be shown beside it. */
  function ofAction(id: string): string | undefined {
    const command = ofAct(id)
    return command && of(command)[0]
  }

  /** What a key does; more than one where a person wants it so. */
  function commandsFor(e: KeyPress): readonly KeyCommand[] {
    return byKey.value.get(comboOf(e)) ?? []
  }

  /** Whether a key is that of a command. */
  const is = (id: string, e: KeyPress): boolean => commandsFor(e).some((c) => c.id === id)

  /** The other command that has a key. */
  function holder(key: string, command: KeyCommand): KeyCommand | undefined {
    // A log in the dock has keys of its own: nothing else hears those.
    const beside = (c: KeyCommand) => (c.group === 'logs') === (command.group === 'logs')
    return all.value.find((c) => c.id !== command.id && beside(c) && of(c).some((k) => sameKey(k, key)))
  }

  function set(id: string, keys: readonly string[] | undefined): void {
    const { [id]: _, ...rest } = chosen.value
    settings.set({ keys: keys ? { ...rest, [id]: [...keys] } : rest })
  }

  /** Gives a command this key and no other; takes it from the one that has it. */
  function give(command: KeyCommand, key: string): void {
    for (let other = holder(key, command); other; other = holder(key, command))
      set(
        other.id,
        of(other).filter((k) => !sameKey(k, key)),
      )
    set(command.id, [key])
  }

  return {
    chosen,
    all,
    nameOf,
    ofAct,
    of,
    shown,
    ofAction,
    commandsFor,
    is,
    holder,
    give,
    /** Takes all keys from a command. */
    clear: (command: KeyCommand) => set(command.id, []),
    /** Gives a command back its keys from the start. */
    reset: (command: KeyCommand) => set(command.id, undefined),
    resetAll: () => settings.set({ keys: {} }),
  }
})
