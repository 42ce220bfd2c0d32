/**
 * What a real API server (1.20, without controllers) answered to creates and to Table reads, held against the rules of
 * kinds. Where newer versions are known to say it otherwise, `reworded.ts` has the words.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeValue } from '../../../../src-main/cluster/api/schema/decode.js'
import { causes, created, kindOf, refusedCauses, row, ruleContext, type Loose } from './support.js'
import { REWORDED } from './reworded.js'

interface Recorded {
  id: string
  group: string
  about: string
  ignore?: string[]
  setup?: { body: Loose }[]
  steps: { body: Loose }[]
  answers: { status: number; body: Loose }[]
}

const NAMESPACE = 't1'
const file = path.join(import.meta.dirname, '../../../data/recorded/kinds.jsonl')
const cases = readFileSync(file, 'utf8')
  .replaceAll('{{ns}}', NAMESPACE)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded)
const group = (name: string): Recorded[] => cases.filter((c) => c.group === name)

const decoded = (body: Loose): Loose => decodeValue(body, kindOf(body.apiVersion, body.kind).model).object

function create(body: Loose): ReturnType<typeof created> {
  return created(decoded(body), ruleContext({ namespace: NAMESPACE }))
}

describe('an object is refused with the recorded causes:', () => {
  it.each(group('validation'))('$about', ({ id, steps, answers }) => {
    const recorded = ((answers[0]!.body?.details?.causes ?? []) as Loose[]).map((c) => `${c.field}: ${c.message}`).sort()
    expect(refusedCauses(decoded(steps[0]!.body), ruleContext({ namespace: NAMESPACE }))).toEqual(REWORDED[id] ?? recorded)
  })
})

/** Fields that admission or the server sets, or that newer versions add to the recorded ones. */
const NOT_OF_KINDS = new Set(['metadata', 'tolerations', 'priority', 'preemptionPolicy', 'serviceAccount', 'secrets'])

/** Where an object lacks something that was recorded. Addresses and ports are allotted by chance. */
function lacking(want: Loose, got: Loose, at: string, out: string[]): string[] {
  if (want === null || /^<(ip|port|uid|time|rv)>$/.test(String(want))) return out
  if (typeof want !== 'object') {
    if (want !== got) out.push(`${at}: ${JSON.stringify(got)}, not ${JSON.stringify(want)}`)
    return out
  }
  if (Array.isArray(want) && want.length !== got?.length) out.push(`${at}: ${got?.length} elements, not ${want.length}`)
  for (const [key, value] of Object.entries(want)) if (!NOT_OF_KINDS.has(key)) lacking(value, got?.[key], `${at}/${key}`, out)
  return out
}

describe('an object gets the recorded defaults:', () => {
  it.each(group('defaulting'))('$about', ({ steps, answers, ignore = [] }) => {
    const { object, errors } = create(steps[0]!.body)
    expect(causes(errors)).toEqual([])
    const missing = lacking(answers[0]!.body, object, '', []).filter((m) => !ignore.some((i) => m.startsWith(i)))
    expect(missing).toEqual([])
  })
})

describe('the columns are the recorded ones:', () => {
  it.each(group('table'))('$about', ({ setup, answers }) => {
    const { object, errors, kind } = create(setup![0]!.body)
    expect(causes(errors)).toEqual([])
    const table = answers[0]!.body
    const definitions = kind.columns!.map((c) => ({ name: c.name, type: c.type, priority: c.priority ?? 0 }))
    expect(definitions).toEqual(expect.arrayContaining(table.columnDefinitions))
    const cells = row(object)
    for (const [i, { name }] of table.columnDefinitions.entries()) {
      const recorded = table.rows[0].cells[i]
      if (!/^<(age|ip)>$/.test(String(recorded))) expect([name, cells[name]]).toEqual([name, recorded])
    }
  })
})
