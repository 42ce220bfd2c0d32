import { describe, expect, it } from 'vitest'
import { nextRuns } from '../../src-renderer/create/cron.js'
import { formFor, forms } from '../../src-renderer/create/forms/all-forms.js'
import { problemAt } from '../../src-renderer/create/form-context.js'
import { isFieldConflict, problemsOf, stillSo } from '../../src-renderer/create/server-problems.js'
import { templates, templateText } from '../../src-renderer/create/templates.js'
import { appendDocument, documentAt, documentsOf, readDocument, replaceDocument, withValues } from '../../src-renderer/create/yaml-text.js'
import { en } from '../../src-renderer/app/i18n/en.js'
import { parseField, placeOfField } from '../../src-renderer/editor/field-place.js'
import { smallestChange } from '../../src-renderer/editor/smallest-change.js'

const two = '# first\napiVersion: v1\nkind: A\n---\n# only a comment\n---\n\nkind: B\n'

describe('the documents of a text', () => {
  it('are those that hold something, as the backend counts them', () => {
    expect(documentsOf(two).map((d) => d.text)).toEqual(['# first\napiVersion: v1\nkind: A\n', '\nkind: B\n'])
    expect(documentsOf('')).toEqual([])
    expect(documentsOf('a: |\n  text\n  ---x\n').length).toBe(1)
  })

  it('are found by an offset, and replaced without touching the others', () => {
    const documents = documentsOf(two)
    expect(documentAt(documents, 3)).toBe(0)
    expect(documentAt(documents, two.length)).toBe(1)
    expect(documentAt([], 0)).toBe(undefined)
    expect(replaceDocument(two, documents[1]!, 'kind: C')).toBe('# first\napiVersion: v1\nkind: A\n---\n# only a comment\n---\nkind: C\n')
    expect(appendDocument('a: 1\n\n', 'b: 2\n')).toBe('a: 1\n---\nb: 2\n')
    expect(appendDocument(' \n', 'b: 2\n')).toBe('b: 2\n')
  })
})

describe('a field that a form writes', () => {
  const text = '# why\nkind: Deployment # what\nspec:\n  replicas: 2 # two\n  paused: true\n'
  it('leaves comments, order and everything else as they were', () => {
    expect(withValues(text, [{ path: ['spec', 'replicas'], value: 5 }])).toBe(text.replace('2', '5'))
  })

  it('that is emptied goes, and the mappings above that have nothing else', () => {
    const deep = 'spec:\n  a: 1\n  strategy:\n    rollingUpdate:\n      maxSurge: 1\n'
    expect(withValues(deep, [{ path: ['spec', 'strategy', 'rollingUpdate', 'maxSurge'], value: undefined }])).toBe('spec:\n  a: 1\n')
    expect(withValues(deep, [{ path: ['spec', 'nothing', 'here'], value: undefined }])).toBe(deep)
  })

  it('makes the mappings and lists that are missing on its way', () => {
    expect(withValues('spec: {}\n', [{ path: ['spec', 'template', 'labels', 'app'], value: 'x' }])).toBe(
      'spec:\n  template:\n    labels:\n      app: x\n',
    )
    expect(withValues('spec:\n', [{ path: ['spec', 'ports', 0, 'port'], value: 80 }])).toBe('spec:\n  ports:\n    - port: 80\n')
  })

  it('keeps lists as far in as they stand', () => {
    const out = 'items:\n- a: 1\n'
    expect(withValues(out, [{ path: ['items', 1], value: { a: 2 } }])).toBe('items:\n- a: 1\n- a: 2\n')
  })

  it('is quoted where a plain word would be something else, and loses quotes that it had only while it was empty', () => {
    expect(withValues('a: ""\n', [{ path: ['a'], value: 'word' }])).toBe('a: word\n')
    expect(withValues('a: ""\n', [{ path: ['a'], value: 'yes' }])).toBe('a: "yes"\n')
    expect(withValues('a: x\n', [{ path: ['a'], value: 'one\ntwo\n' }])).toBe('a: |\n  one\n  two\n')
  })

  it('waits while the document cannot be read', () => {
    expect(withValues('a: [\n', [{ path: ['a'], value: 1 }])).toBe('a: [\n')
    expect(readDocument('a: 1\nb: [\n')).toMatchObject({ line: 2 })
  })
})

describe('the place of a field that a Status names', () => {
  const text = `kind: A
---
kind: Pod
metadata:
  annotations:
    a.b/c: x
spec:
  containers:
    - name: one
    - name: web
      image: "no"
`
  const at = (field: string) => {
    const place = placeOfField(text, 1, field)
    return place && text.slice(place.from, place.to)
  }
  it.each([
    ['spec.containers[1].image', '"no"'],
    ['.spec.containers[name="web"].image', '"no"'],
    ['metadata.annotations[a.b/c]', 'x'],
    ['metadata.annotations', 'annotations'],
    ['spec.containers[1].ports[0].port', 'name: web'],
    ['spec.nothing', 'spec'],
    ['', 'kind: Pod'],
  ])('%s is at %s', (field, found) => expect(at(field)).toBe(found))

  it('is none in a document that is not there', () => {
    expect(placeOfField(text, 2, 'kind')).toBe(undefined)
    expect(parseField('.spec.ports[containerPort=80,protocol="TCP"].x')).toEqual([
      'spec',
      'ports',
      { containerPort: '80', protocol: 'TCP' },
      'x',
    ])
  })
})

describe('what the server found wrong', () => {
  it('is told field by field: by causes, by strict decoding, by server-side apply', () => {
    const invalid = {
      message: 'Deployment.apps "x" is invalid',
      reason: 'Invalid',
      causes: [{ field: 'spec.replicas', message: 'Invalid value: -1' }],
    }
    expect(problemsOf(0, invalid)).toEqual([{ document: 0, field: 'spec.replicas', message: 'Invalid value: -1' }])
    const strict = { message: 'strict decoding error: unknown field "spec.a", unknown field "spec.b"', reason: 'BadRequest' }
    expect(problemsOf(1, strict).map((p) => p.field)).toEqual(['spec.a', 'spec.b'])
    const typed = {
      message:
        'failed to create typed patch object (default/x; apps/v1, Kind=Deployment): .spec.replicas: expected numeric (int or float), got string',
      reason: 'Internal',
    }
    expect(problemsOf(0, typed)).toEqual([{ document: 0, field: '.spec.replicas', message: 'expected numeric (int or float), got string' }])
    const wrong = 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'
    const patch = { field: 'patch', message: `Invalid value: "{}": ${wrong}` }
    const invalidPatch = { message: `"" is invalid: patch: ${patch.message}`, reason: 'Invalid', causes: [patch] }
    expect(problemsOf(0, invalidPatch)).toEqual([{ document: 0, field: 'spec.replicas', message: wrong }])
    expect(problemsOf(0, { message: 'no', reason: 'Forbidden' })).toEqual([{ document: 0, field: '', message: 'no' }])
  })

  it('stands at the field of the form, and at what is in it', () => {
    const problems = problemsOf(0, {
      message: '',
      reason: 'Invalid',
      causes: [{ field: 'spec.containers[0].image', message: 'Required value' }],
    })
    expect(problemAt(problems, ['spec', 'containers', 0, 'image'], false)).toBe('Required value')
    expect(problemAt(problems, ['spec', 'containers', 0], false)).toBe(undefined)
    expect(problemAt(problems, ['spec', 'containers', 0], true)).toBe('Required value')
    expect(problemAt(problems, ['spec', 'containers', 1], true)).toBe(undefined)
  })

  it('goes once its field has another value', () => {
    const problem = { document: 0, field: 'spec.replicas', message: '' }
    expect(stillSo(problem, 'spec:\n  replicas: -1\n', 'a: b\nspec:\n  replicas: -1\n')).toBe(true)
    expect(stillSo(problem, 'spec:\n  replicas: -1\n', 'spec:\n  replicas: 1\n')).toBe(false)
  })

  it('is a conflict of managers only when a cause says so', () => {
    expect(isFieldConflict({ message: '', reason: 'Conflict', causes: [{ reason: 'FieldManagerConflict' }] })).toBe(true)
    expect(isFieldConflict({ message: '', reason: 'Conflict' })).toBe(false)
  })
})

describe('forms', () => {
  it('there are for the eight kinds, each begins with a template that it knows', () => {
    expect(forms.map((f) => f.kind)).toEqual([
      'Deployment',
      'Service',
      'ConfigMap',
      'Secret',
      'HorizontalPodAutoscaler',
      'Ingress',
      'Job',
      'CronJob',
    ])
    for (const form of forms) {
      const read = readDocument(templates.find((t) => t.kind === form.kind && !t.variant)!.text)
      expect('value' in read && formFor(read.value)).toBe(form)
    }
    expect(formFor({ apiVersion: 'v1', kind: 'Pod' })).toBe(undefined)
  })

  it('have a label for every field and section', () => {
    const names = (fields: readonly { id: string; fields?: readonly { id: string }[] }[]): string[] =>
      fields.flatMap((f) => [f.id, ...names(f.fields ?? [])])
    for (const form of forms)
      for (const section of form.sections) {
        expect(en.create.section).toHaveProperty(section.id)
        for (const id of names(section.fields)) expect(en.create.field).toHaveProperty(id)
      }
  })

  it('of a Deployment keep its labels and selector in step with its name, those that had it', () => {
    const object = {
      metadata: { name: 'a', labels: { app: 'a' } },
      spec: { selector: { matchLabels: { app: 'a' } }, template: { metadata: { labels: { app: 'other' } } } },
    }
    expect(forms[0]!.follow!(object, 'metadata.name', 'b')).toEqual([
      { path: ['metadata', 'labels', 'app'], value: 'b' },
      { path: ['spec', 'selector', 'matchLabels', 'app'], value: 'b' },
    ])
  })
})

describe('templates', () => {
  it('can all be read, and get the namespace where their kind has one', () => {
    for (const t of templates) {
      const read = readDocument(templateText(t, 'shop'))
      expect('value' in read && read.value.metadata.namespace, t.kind).toBe(t.namespaced ? 'shop' : undefined)
    }
  })
})

describe('a schedule', () => {
  const from = Date.parse('2026-11-21T09:17:00Z')
  const utc = (schedule: string, zone?: string) => nextRuns(schedule, zone, from, 2)?.map((t) => new Date(t).toISOString())
  it.each([
    ['0 3 * * *', undefined, ['2026-11-22T03:00:00.000Z', '2026-11-23T03:00:00.000Z']],
    ['*/30 9 * * 1-5', undefined, ['2026-11-23T09:00:00.000Z', '2026-11-23T09:30:00.000Z']],
    ['@hourly', undefined, ['2026-11-21T10:00:00.000Z', '2026-11-21T11:00:00.000Z']],
    ['0 3 * * *', 'Asia/Shanghai', ['2026-11-21T19:00:00.000Z', '2026-11-22T19:00:00.000Z']],
    ['0 0 30 2 *', undefined, []],
    ['0 0 3 * * *', undefined, undefined],
    ['61 * * * *', undefined, undefined],
    ['0 3 * * *', 'Mars/Base', undefined],
    ['', undefined, undefined],
  ])('%s in %s', (schedule, zone, times) => expect(utc(schedule, zone)).toEqual(times))
})

describe('a text that is set anew in an editor', () => {
  it('is changed only where it differs', () => {
    expect(smallestChange('a: 1\nb: 2\n', 'a: 1\nb: 3\n')).toEqual({ from: 8, to: 9, insert: '3' })
    expect(smallestChange('aa', 'aaa')).toEqual({ from: 2, to: 2, insert: 'a' })
    expect(smallestChange('x', '')).toEqual({ from: 0, to: 1, insert: '' })
  })
})
