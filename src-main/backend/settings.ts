/** Settings in one JSON file of the data directory. Never holds secrets. A damaged file is kept aside, not lost. */
import fs from 'node:fs'
import path from 'node:path'
import type { Settings } from './rpc/contract.js'

const defaults: Settings = { theme: 'system', language: 'system', places: {}, columns: {}, layout: {} }

const isMap = (x: unknown): x is object => typeof x === 'object' && x !== null && !Array.isArray(x)
const withoutNulls = (o: object): object => Object.fromEntries(Object.entries(o).filter(([, v]) => v !== null && v !== undefined))

export class SettingsFile {
  private settings: Settings

  constructor(private readonly file: string) {
    this.settings = { ...defaults }
    let text: string | undefined
    try {
      text = fs.readFileSync(file, 'utf8')
    } catch {
      return
    }
    try {
      const read = JSON.parse(text) as Partial<Settings>
      if (read && typeof read === 'object') this.settings = { ...this.settings, ...read }
    } catch {
      fs.renameSync(file, `${file}.damaged`)
    }
  }

  get(): Settings {
    return this.settings
  }

  /**
   * Merges one level deep, so that two windows do not undo each other's places, columns and layout. Null takes a setting, or what is in
   * one, away.
   */
  set(change: Partial<Settings>): Settings {
    const next = { ...this.settings } as Record<string, unknown>
    for (const [k, v] of Object.entries(change)) {
      const before = next[k]
      next[k] = isMap(v) ? withoutNulls({ ...(isMap(before) ? before : {}), ...v }) : v
    }
    this.settings = { ...defaults, ...withoutNulls(next) }
    fs.mkdirSync(path.dirname(this.file), { recursive: true })
    const temporary = `${this.file}.${process.pid}.tmp`
    fs.writeFileSync(temporary, `${JSON.stringify(this.settings, null, 2)}\n`, { mode: 0o600 })
    fs.renameSync(temporary, this.file)
    return this.settings
  }
}
