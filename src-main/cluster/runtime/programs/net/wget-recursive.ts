/** wget -r and -p: what a page leads to, how deep and how far; -k: the links of what was saved, made to fit. */
import { wildcards } from '../../star-pattern.js'
import type { Command, Options } from '../command.js'
import { parseUrl } from './http-client.js'
import { addressOf, Talk, type Session } from './wget-save.js'

/** Fetches one address. Returns the code to end with. */
export type Fetch = (url: string) => Promise<number>

const DEFAULT_DEPTH = 5

/** What a page needs to be shown, and what it only leads to. */
interface Link {
  readonly url: string
  readonly needed: boolean
  /** Where its text stands in the page, and that text. */
  readonly at: number
  readonly text: string
}

const NEEDED_TAGS = new Set('img script link input embed bgsound frame iframe source body table td th object'.split(' '))
const LINKS = /<([a-z]+)\b([^>]*)>/gi
const ATTRIBUTES = /\b(href|src|background|data)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/dgi
const IN_STYLE = /url\(\s*["']?([^"')]+)["']?\s*\)|@import\s+["']([^"']+)["']/dgi

/** The links of a page or a style sheet, in the order in which they stand there. */
function linksOf(text: string, type: string, base: string): Link[] {
  const links: Link[] = []
  const add = (found: string, at: number, needed: boolean): void => {
    const written = found.replaceAll('&amp;', '&').trim()
    if (written === '' || written.startsWith('#') || /^(mailto|javascript|data|tel|ftp):/i.test(written)) return
    let url: URL
    try {
      url = new URL(written, base)
    } catch {
      return
    }
    if (/^https?:$/.test(url.protocol)) links.push({ url: url.href.replace(/#.*$/, ''), needed, at, text: found })
  }
  if (type === 'text/css') for (const m of text.matchAll(IN_STYLE)) add(m[1] ?? m[2]!, (m.indices![1] ?? m.indices![2]!)[0], true)
  else
    for (const tag of text.matchAll(LINKS)) {
      const name = tag[1]!.toLowerCase()
      const start = tag.index + 1 + tag[1]!.length
      // Only what a <link> brings in is needed: a sheet or an icon.
      const needed = NEEDED_TAGS.has(name) && (name !== 'link' || /\brel\s*=\s*["']?[^"'>]*(stylesheet|icon)/i.test(tag[2]!))
      for (const m of tag[2]!.matchAll(ATTRIBUTES)) {
        const i = m[2] !== undefined ? 2 : m[3] !== undefined ? 3 : 4
        add(m[i]!, start + m.indices![i]![0], needed)
      }
    }
  return links
}

/** Suffixes or patterns of -A and -R. */
function matches(list: string | undefined, name: string): boolean {
  return (list ?? '').split(',').filter(Boolean).some((each) => (/[*?[]/.test(each) ? wildcards(each).test(name) : name.endsWith(each))) // prettier-ignore
}

const lastOf = (url: URL): string => url.pathname.split('/').at(-1)!

/** Whether a link is followed from where it was begun. */
function isWanted(o: Options, url: URL, start: URL, needed: boolean): boolean {
  const domains = o.get('D2')?.split(',')
  const within = (list: readonly string[]): boolean => list.some((domain) => url.hostname === domain || url.hostname.endsWith(`.${domain}`))
  if (url.host !== start.host && !o.has('span')) return false
  if (domains && url.host !== start.host && !within(domains)) return false
  if (o.has('exclude-domains') && within(o.get('exclude-domains')!.split(','))) return false
  if (o.has('https-only') && url.protocol !== 'https:') return false
  if (o.has('np') && !(needed && o.has('p'))) {
    const above = start.pathname.replace(/[^/]*$/, '')
    if (url.host === start.host && !url.pathname.startsWith(above)) return false
  }
  const directory = url.pathname.replace(/\/[^/]*$/, '') || '/'
  const under = (list: string): boolean =>
    list.split(',').some((each) => directory === each || directory.startsWith(`${each.replace(/\/$/, '')}/`))
  if (o.has('I') && !under(o.get('I')!)) return false
  if (o.has('X') && under(o.get('X')!)) return false
  if (o.has('accept-regex') && !new RegExp(o.get('accept-regex')!).test(url.href)) return false
  if (o.has('reject-regex') && new RegExp(o.get('reject-regex')!).test(url.href)) return false
  const name = lastOf(url)
  // Pages are looked into for what they lead to, and thrown away afterwards.
  if (name === '' || /\.html?$/i.test(name)) return !(matches(o.get('Rj'), name) && !/\.html?$/i.test(name))
  return (!o.has('A') || matches(o.get('A'), name)) && !matches(o.get('Rj'), name)
}

/** Whether a page is only looked into. */
function isRejected(o: Options, path: string): boolean {
  const name = path.split('/').at(-1)!
  return (o.has('A') && !matches(o.get('A'), name)) || matches(o.get('Rj'), name)
}

/** What robots.txt forbids all, or wget. */
async function forbidden(c: Command, o: Options, session: Session, origin: string, talk: Talk, fetch: Fetch): Promise<string[]> {
  if (o.all('execute').some((line) => /^\s*robots\s*=\s*(off|no|0)\s*$/i.test(line))) return []
  await talk.say('Loading robots.txt; please ignore errors.\n')
  delete session.last
  await fetch(`${origin}/robots.txt`)
  const { last } = session as { last?: Session['last'] }
  if (!last) return []
  const text = c.fs.readText(last.path)
  c.fs.remove(last.path)
  let meant = false
  const paths: string[] = []
  for (const line of text.split('\n')) {
    const [, field = '', value = ''] = /^\s*([A-Za-z-]+)\s*:\s*(.*?)\s*(?:#.*)?$/.exec(line) ?? []
    if (/^user-agent$/i.test(field)) meant = value === '*' || /wget/i.test(value)
    else if (/^disallow$/i.test(field) && meant && value !== '') paths.push(value)
  }
  return paths
}

/** Fetches a page and what it leads to. Returns the code to end with. */
export async function recurse(c: Command, o: Options, first: string, session: Session, fetch: Fetch): Promise<number> {
  const talk = new Talk(c, o)
  const begun = parseUrl(first)
  if (!begun) return fetch(first)
  const start = new URL(addressOf(begun))
  const text = o.get('l')
  const depth = !o.has('r')
    ? 0
    : text === undefined
      ? o.has('m')
        ? Infinity
        : DEFAULT_DEPTH
      : text === 'inf' || text === '0'
        ? Infinity
        : Number(text)
  const seen = new Set([start.href])
  const saved = new Map<string, { path: string; type: string }>()
  const queue = [{ url: start.href, depth: 0, needed: false }]
  let banned: string[] | undefined
  let code = 0
  for (let next = queue.shift(); next; next = queue.shift()) {
    const url = new URL(next.url)
    if (next.depth > 0 && banned?.some((path) => url.pathname.startsWith(path))) continue
    if (next.depth > 0 && o.has('wait')) await c.task.sleep(Number(o.get('wait')) * 1000)
    delete session.last
    const status = await fetch(next.depth === 0 ? first : decodeURI(next.url))
    if (status !== 0) code = status
    const { last } = session as { last?: Session['last'] }
    if (!last) continue
    saved.set(next.url, last)
    if (last.type === 'text/html' || last.type === 'text/css') {
      const links = linksOf(c.fs.readText(last.path), last.type, next.url)
      for (const link of links) {
        const to = new URL(link.url)
        // What a page needs is taken also where the pages end.
        if (next.depth >= depth && !(o.has('p') && link.needed)) continue
        if (seen.has(link.url) || !isWanted(o, to, start, link.needed)) continue
        seen.add(link.url)
        banned ??= await forbidden(c, o, session, start.origin, talk, fetch)
        queue.push({ url: link.url, depth: next.depth + 1, needed: link.needed })
      }
    }
    if (o.has('delete-after')) {
      await talk.say(`Removing ${last.path}.\n\n`)
      c.fs.remove(last.path)
      saved.delete(next.url)
    } else if (last.type === 'text/html' && isRejected(o, last.path)) {
      await talk.say(`Removing ${last.path} since it should be rejected.\n\n`)
      c.fs.remove(last.path)
      saved.delete(next.url)
    }
  }
  session.saved = new Map([...(session.saved ?? []), ...saved])
  return code
}

/** Makes the links of what was saved lead to what was saved, and those to anything else to where that is. */
export async function convert(c: Command, o: Options, session: Session, talk: Talk): Promise<void> {
  let files = 0
  for (const [url, { path, type }] of session.saved ?? []) {
    if (type !== 'text/html' && type !== 'text/css') continue
    files++
    const text = c.fs.readText(path)
    let out = ''
    let at = 0
    let [here, elsewhere] = [0, 0]
    for (const link of linksOf(text, type, url)) {
      const target = session.saved!.get(link.url)
      const part = /#.*$/.exec(link.text)?.[0] ?? ''
      const written = target ? relative(path, target.path).replaceAll('?', '%3F') + part : link.url.replaceAll('&', '&amp;') + part
      if (target) here++
      else elsewhere++
      out += text.slice(at, link.at) + written
      at = link.at + link.text.length
    }
    if (here + elsewhere > 0) {
      if (o.has('backup-converted')) c.fs.writeFile(`${path}.orig`, text)
      c.fs.writeFile(path, out + text.slice(at))
    }
    await talk.say(
      `Converting links in ${path}... ${here + elsewhere === 0 ? 'nothing to do.' : `${here + elsewhere}.\n${here}-${elsewhere}`}\n`,
    )
  }
  await talk.say(`Converted links in ${files} files in 0 seconds.\n`)
}

/** The way from one file to another. */
function relative(from: string, to: string): string {
  const [a, b] = [from.split('/').slice(0, -1), to.split('/')]
  let same = 0
  while (same < a.length && same < b.length - 1 && a[same] === b[same]) same++
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/')
}
