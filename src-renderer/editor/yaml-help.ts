import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { yamlLanguage } from '@codemirror/lang-yaml'
import { linter, lintGutter } from '@codemirror/lint'
import type { EditorState, Extension } from '@codemirror/state'
import { hoverTooltip } from '@codemirror/view'
import type { KindInfo, OpenApiSchema } from '../../src-main/backend/rpc/contract.js'
import { i18n } from '../app/i18n/i18n.js'
import { apiVersion } from '../app/routes.js'
import { backend } from '../app/rpc.js'
import { checkYaml, groupVersion, type SchemaProblem } from './schema-check.js'
import { kindSchema, resolve, schemaAt, typeName, type Schemas } from './schema.js'
import { documentStart, placeOf, type YamlPlace } from './yaml-place.js'
import { titled } from '../app/i18n/listed.js'

/** Completion, hover documentation and checks from the OpenAPI of a cluster. */
export function yamlHelp(context: string, kinds: () => readonly KindInfo[]): Extension[] {
  const loaded = new Map<string, Promise<Schemas | null>>()
  const load = (group: string, version: string): Promise<Schemas | null> => {
    const key = `${group}/${version}`
    // A cluster without OpenAPI v3, or a group that it does not have: the editor works on without help.
    if (!loaded.has(key))
      loaded.set(
        key,
        backend.call('schemas.get', { context, group, version }).catch(() => null),
      )
    return loaded.get(key)!
  }

  /** Where an offset is, and the schema of the document's kind. */
  async function look(state: EditorState, offset: number) {
    const line = state.doc.lineAt(offset)
    const lines = state.doc.toString().split('\n')
    const place = placeOf(lines, line.number - 1, offset - line.from)
    const start = documentStart(lines, line.number - 1)
    const top: Record<string, string> = {}
    for (let i = start; i < lines.length && !/^---(\s|$)/.test(lines[i]!); i++) {
      const m = /^(apiVersion|kind):\s*["']?([^\s"'#]+)/.exec(lines[i]!)
      if (m) top[m[1]!] ??= m[2]!
    }
    const gv = groupVersion(top.apiVersion ?? '')
    const all = top.apiVersion ? await load(gv.group, gv.version) : null
    const root = all && top.kind ? kindSchema(all, { ...gv, kind: top.kind }) : undefined
    return { line, place, top, all: all ?? {}, root }
  }

  async function complete(c: CompletionContext): Promise<CompletionResult | null> {
    const here = c.state.doc.lineAt(c.pos)
    const before = here.text.slice(0, c.pos - here.from)
    const value = /^[\s-]*["']?([^\s"':#]+)["']?:\s+(\S*)$/.exec(before)
    const key = /^[\s-]*?([\w./$-]*)$/.exec(before)
    // At once: what is typed while an answer of nothing is waited for would not be asked about again.
    if (!value && (!key || (key[1] === '' && !c.explicit))) return null
    const { place, top, all, root } = await look(c.state, c.pos)
    if (value) {
      const options = valuesOf(value[1]!, place, top, all, root)
      return options.length ? { from: c.pos - value[2]!.length, options, validFor: /^\S*$/ } : null
    }
    if (!key) return null
    const typed = key[1]!.replace(/^-+/, '')
    const schema = root ? schemaAt(all, root, place.parent) : undefined
    const properties = schema?.properties ?? (root || place.parent.length ? {} : { apiVersion: {}, kind: {}, metadata: {} })
    const options = Object.entries(properties)
      .filter(([name]) => !place.siblings.includes(name))
      .map(([name, given]): Completion => {
        const s = resolve(all, given)
        return {
          label: name,
          apply: `${name}: `,
          detail: typeName(all, given),
          type: 'property',
          boost: schema?.required?.includes(name) ? 1 : 0,
          ...(s?.description ? { info: s.description } : {}),
        }
      })
    return options.length ? { from: c.pos - typed.length, options, validFor: /^[\w./$-]*$/ } : null
  }

  function valuesOf(key: string, place: YamlPlace, top: Record<string, string>, all: Schemas, root?: OpenApiSchema): Completion[] {
    const of = (labels: Iterable<unknown>) => [...new Set(labels)].map((l): Completion => ({ label: String(l), type: 'enum' }))
    if (place.parent.length === 0 && key === 'kind')
      return of(
        kinds()
          .filter((k) => !top.apiVersion || apiVersion(k) === top.apiVersion)
          .map((k) => k.kind),
      )
    if (place.parent.length === 0 && key === 'apiVersion') return of(kinds().map((k) => apiVersion(k)))
    const schema = root ? schemaAt(all, root, [...place.parent, key]) : undefined
    if (schema?.enum) return of(schema.enum)
    return schema?.type === 'boolean' ? of(['true', 'false']) : []
  }

  const hover = hoverTooltip(async (view, pos) => {
    const { line, place, all, root } = await look(view.state, pos)
    if (!root || place.key === undefined) return null
    const from = line.from + line.text.indexOf(place.key)
    if (pos < from || pos > from + place.key.length) return null
    const schema = schemaAt(all, root, [...place.parent, place.key])
    if (!schema) return null
    const required = schemaAt(all, root, place.parent)?.required?.includes(place.key) ?? false
    return { pos: from, end: from + place.key.length, above: true, create: () => ({ dom: card(place.key!, schema, all, required) }) }
  })

  function card(name: string, schema: OpenApiSchema, all: Schemas, required: boolean): HTMLElement {
    const { t } = i18n.global
    const dom = document.createElement('div')
    dom.className = 'schema-card'
    const head = dom.appendChild(document.createElement('strong'))
    head.textContent = `${name} <${typeName(all, schema)}>${required ? ` · ${t('yaml.required')}` : ''}`
    const more: string[] = []
    if (schema.description) more.push(schema.description)
    if (schema.enum) more.push(schema.enum.join(', '))
    if (schema.default !== undefined && typeof schema.default !== 'object') more.push(titled(t('yaml.default'), String(schema.default)))
    for (const text of more) dom.appendChild(document.createElement('p')).textContent = text
    return dom
  }

  const say = (p: SchemaProblem): string => (p.what === 'syntax' ? p.values.message! : i18n.global.t(`yaml.problem.${p.what}`, p.values))
  const check = linter(
    async (view) =>
      (await checkYaml(view.state.doc.toString(), load)).map((p) => ({
        from: p.from,
        to: Math.min(p.to, view.state.doc.length),
        severity: p.what === 'syntax' ? ('error' as const) : ('warning' as const),
        message: say(p),
      })),
    { delay: 400 },
  )
  return [yamlLanguage.data.of({ autocomplete: complete }), hover, check, lintGutter()]
}
