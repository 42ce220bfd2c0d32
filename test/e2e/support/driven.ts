/** Which functions of the window were called in real browsers: what the inventory of panels and actions is checked against. */
import fs from 'node:fs'
import path from 'node:path'
import { test, type Page } from '@playwright/test'

/** The directory that the calls of a run are written to; set by the configuration of the tests. */
export const DRIVEN = 'DRYDOCK_DRIVEN'

/** One function of a built file, by where it is written there, and whether it was called. */
export interface SeenFunction {
  /** Path below `out/renderer`. */
  file: string
  start: number
  end: number
  called: boolean
}

/**
 * Counts the calls of a page from here on, as V8 counts them, over reloads too.
 * @returns writes what was called; to be awaited before the browser is closed.
 */
export async function countCalls(page: Page): Promise<() => Promise<void>> {
  const directory = process.env[DRIVEN]
  if (!directory) return async () => undefined
  const session = await page.context().newCDPSession(page)
  await session.send('Profiler.enable')
  await session.send('Profiler.startPreciseCoverage', { callCount: false, detailed: false })
  const seen = new Map<string, SeenFunction>()
  const take = async (): Promise<void> => {
    const { result } = await session.send('Profiler.takePreciseCoverage')
    for (const { url, functions } of result) {
      const file = /^https?:.*\/(assets\/[^/]+\.js)$/.exec(url)?.[1]
      if (!file) continue
      for (const { ranges } of functions) {
        const { startOffset: start, endOffset: end, count } = ranges[0]!
        const key = `${file} ${start} ${end}`
        const known = seen.get(key)
        if (!known) seen.set(key, { file, start, end, called: count > 0 })
        else known.called ||= count > 0
      }
    }
  }
  // What a document has called is forgotten with it.
  const reload = page.reload.bind(page)
  page.reload = async (options) => {
    await take()
    return reload(options)
  }
  return async () => {
    await take()
    fs.mkdirSync(directory, { recursive: true })
    const name = path.basename(test.info().file, '.test.ts')
    fs.writeFileSync(path.join(directory, `${name}-${process.pid}-${Date.now()}.json`), JSON.stringify([...seen.values()]))
  }
}
