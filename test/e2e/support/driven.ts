/** Which functions of the window were called in real browsers: what the inventory of panels and actions is checked against. */
import fs from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { test, type Page } from '@playwright/test'

/** The directory that the calls of a run are written to; set by the configuration of the tests. */
export const DRIVEN = 'DRYDOCK_DRIVEN'

const built = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../out/renderer')

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
      const file = /^\w+:\/\/.*\/(assets\/[^/]+\.js)$/.exec(url)?.[1]
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
  const close = page.close.bind(page)
  page.close = async (options) => {
    await take()
    return close(options)
  }
  return async () => {
    // A page that was closed has been asked then.
    if (!page.isClosed()) await take()
    fs.mkdirSync(directory, { recursive: true })
    const name = path.basename(test.info().file, '.test.ts')
    fs.writeFileSync(path.join(directory, `${name}-${process.pid}-${Date.now()}.json`), JSON.stringify([...seen.values()]))
  }
}

/** One function of the window's source, and whether a test called it. */
export interface DrivenFunction {
  /** Path below `src-renderer`. */
  file: string
  line: number
  /** The function as it was built, its beginning. */
  text: string
  /** The name of the component that the function sets up. */
  component?: string
  /** What a template does when a person acts on it: its event, such as `Click`. */
  event?: string
  called: boolean
}

/** All functions of the window that browsers came to know in this run, by their place in the source. */
export async function drivenFunctions(): Promise<DrivenFunction[]> {
  const directory = process.env[DRIVEN] ?? ''
  const seen = new Map<string, SeenFunction>()
  for (const name of fs.existsSync(directory) ? fs.readdirSync(directory) : [])
    for (const f of JSON.parse(fs.readFileSync(path.join(directory, name), 'utf8')) as SeenFunction[]) {
      const key = `${f.file} ${f.start} ${f.end}`
      const known = seen.get(key)
      if (known) known.called ||= f.called
      else seen.set(key, f)
    }
  const byFile = new Map<string, SeenFunction[]>()
  for (const f of seen.values()) byFile.set(f.file, [...(byFile.get(f.file) ?? []), f])
  return [...byFile].flatMap(([file, all]) => inSource(file, all))
}

/** Functions of a built file by their place in the source; those of libraries are left out. */
function inSource(file: string, functions: readonly SeenFunction[]): DrivenFunction[] {
  const map = path.join(built, `${file}.map`)
  // What the bundler adds of its own has no source.
  if (!fs.existsSync(map)) return []
  const code = fs.readFileSync(path.join(built, file), 'utf8')
  const sources = new SourceMap(JSON.parse(fs.readFileSync(map, 'utf8')) as SourceMapPayload)
  const lines = [0, ...[...code.matchAll(/\n/g)].map((m) => m.index + 1)]
  return functions.flatMap(({ start, end, called }) => {
    if (start === 0 && end === code.length) return []
    const after = lines.findIndex((at) => at > start)
    const row = (after < 0 ? lines.length : after) - 1
    const entry = sources.findEntry(row, start - lines[row]!)
    const source = 'originalSource' in entry ? /(?:^|\/)src-renderer\/(.*)$/.exec(entry.originalSource)?.[1] : undefined
    const text = code.slice(start, Math.min(end, start + 80))
    // The compiler of single-file components writes the name of the file before what sets it up.
    const component = text.startsWith('setup(') ? /.*__name:[`'"](\w+)/s.exec(code.slice(Math.max(0, start - 2000), start))?.[1] : undefined
    if (!source && !component) return []
    // A listener is given in place or, where nothing of it changes, kept for the next time; it may have modifiers around it.
    const event = /\bon(?:Update:)?([A-Z]\w*)[`'"]?:(?:\w+\[\d+\](?:=|\|\|=|\|\|\(\w+\[\d+\]=))?(?:\w+\()*$/.exec(
      code.slice(Math.max(0, start - 80), start),
    )?.[1]
    const line = 'originalLine' in entry ? entry.originalLine + 1 : 0
    return [{ file: source ?? '', line, text, called, ...(component ? { component } : {}), ...(event ? { event } : {}) }]
  })
}
