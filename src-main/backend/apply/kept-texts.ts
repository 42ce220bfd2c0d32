/** Texts kept in a folder, one file each, for this user alone: drafts and the person's own templates. */
import fs from 'node:fs'
import path from 'node:path'
import { isMap, isScalar, parseAllDocuments } from 'yaml'
import { problem } from '../errors.js'
import type { KeptText } from '../rpc/contract.js'

/** Drafts that are kept at most; the oldest goes. */
const MAX_DRAFTS = 30

export class KeptTexts {
  constructor(private readonly directory: string) {}

  /** Newest first. */
  list(): KeptText[] {
    let names: string[]
    try {
      names = fs.readdirSync(this.directory).filter((n) => n.endsWith('.yaml'))
    } catch {
      return []
    }
    return names
      .map((file) => {
        const name = decodeURIComponent(file.slice(0, -'.yaml'.length))
        return { name, kept: fs.statSync(path.join(this.directory, file)).mtimeMs, about: aboutText(this.get(name) ?? '') }
      })
      .sort((a, b) => b.kept - a.kept || a.name.localeCompare(b.name))
  }

  get(name: string): string | undefined {
    try {
      return fs.readFileSync(this.file(name), 'utf8')
    } catch {
      return undefined
    }
  }

  set(name: string, text: string): void {
    fs.mkdirSync(this.directory, { recursive: true, mode: 0o700 })
    const file = this.file(name)
    fs.writeFileSync(`${file}.new`, text, { mode: 0o600 })
    fs.renameSync(`${file}.new`, file)
  }

  remove(name: string): void {
    fs.rmSync(this.file(name), { force: true })
  }

  private file(name: string): string {
    if (!name.trim() || name.length > 100) throw problem('Invalid', 'keptName')
    return path.join(this.directory, `${encodeURIComponent(name).replaceAll('.', '%2E')}.yaml`)
  }
}

/** Drafts: whole in memory while the backend runs, on disk without the values of Secrets. */
export class Drafts {
  private readonly whole = new Map<string, string>()
  private readonly kept: KeptTexts

  constructor(directory: string) {
    this.kept = new KeptTexts(directory)
  }

  list(): KeptText[] {
    return this.kept.list()
  }

  get(name: string): { text: string; redacted: boolean } {
    const whole = this.whole.get(name)
    const text = whole ?? this.kept.get(name) ?? ''
    return { text, redacted: whole === undefined && text.startsWith(REDACTED) }
  }

  save(name: string, text: string): void {
    if (!text.trim()) {
      this.whole.delete(name)
      this.kept.remove(name)
      return
    }
    this.whole.set(name, text)
    this.kept.set(name, withoutSecretValues(text))
    for (const old of this.kept.list().slice(MAX_DRAFTS)) {
      this.whole.delete(old.name)
      this.kept.remove(old.name)
    }
  }
}

const REDACTED = '# The values of Secrets were not kept.\n'

/** A kind that is a Secret or may hold some; or the values of a Secret whose kind is yet to be typed. */
const WITH_SECRETS = /kind['"]?\s*:\s*["']?(Secret|SecretList|List)\b|stringData['"]?\s*:/

/** A text whose Secrets have lost their values. A Secret that cannot be read as YAML goes as a whole. */
export function withoutSecretValues(text: string): string {
  if (!WITH_SECRETS.test(text)) return text
  const parts: string[] = []
  for (const document of text.split(/^---(?=\s|$)/m)) {
    if (!WITH_SECRETS.test(document)) {
      parts.push(document)
      continue
    }
    const [doc] = parseAllDocuments(document, { version: '1.1' })
    if (!doc || doc.errors.length > 0 || !('contents' in doc) || !isMap(doc.contents)) {
      parts.push('\n')
      continue
    }
    const items: unknown = doc.getIn(['items'])
    const list = items && typeof items === 'object' && 'items' in items ? (items.items as unknown[]) : [doc.contents]
    for (const secret of list) {
      if (!isMap(secret)) continue
      for (const field of ['data', 'stringData']) {
        const values = secret.get(field)
        if (!isMap(values)) continue
        for (const pair of values.items) if (isScalar(pair.key)) values.set(pair.key.value, '')
      }
      // What kubectl has applied before stands in an annotation, values and all.
      const annotations = secret.getIn(['metadata', 'annotations'])
      if (isMap(annotations)) annotations.delete('kubectl.kubernetes.io/last-applied-configuration')
    }
    parts.push(`\n${doc.toString({ lineWidth: 0 }).replace(/^\s+/, '')}`)
  }
  return `${REDACTED}${parts.join('---').replace(/^\n/, '')}`
}

/** `Deployment web, Service web`: what a text is about, in a few words. */
function aboutText(text: string): string {
  const found: string[] = []
  for (const document of text.split(/^---(?=\s|$)/m)) {
    const kind = /^kind:\s*["']?(\w+)/m.exec(document)?.[1]
    const name = /^metadata:\s*(?:\n\s+[^\n]*)*?\n\s+name:\s*["']?([\w.-]+)/m.exec(document)?.[1]
    if (kind) found.push(name ? `${kind} ${name}` : kind)
  }
  return found.length > 3 ? `${found.slice(0, 3).join(', ')}, +${found.length - 3}` : found.join(', ')
}
