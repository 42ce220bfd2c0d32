import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fieldConflicts, rebased } from '../../../src-main/backend/apply/three-way.js'
import { FakeApiServer } from '../support/api-server.js'
import { windowOn, type TestWindow } from '../support/window.js'

const ref = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'web' }
const original = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  resourceVersion: "5"
spec:
  replicas: 2
  template:
    spec:
      containers:
      - image: nginx:1
        name: main
`
const live = (spec: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', resourceVersion: '9' },
  spec: { replicas: 2, template: { spec: { containers: [{ image: 'nginx:1', name: 'main' }] } }, ...spec },
})

let server: FakeApiServer
let window: TestWindow
let stop: () => void
let now: object

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  ;({ window, stop } = windowOn(server))
  now = live({})
  server.on('GET', /\/deployments\/web$/, () => ({ body: now }))
  server.on('PATCH', /\/deployments\/web$/, ({ body }) => ({ body: { metadata: { name: 'web' }, ...JSON.parse(body) } }))
})
afterEach(async () => {
  stop()
  await server.stop()
})
const edited = original.replace('replicas: 2', 'replicas: 4')
const save = (more: object = {}) => window.call('objects.save', { context: 'fake', ref, original, edited, ...more })

describe('saving an edit', () => {
  it('sends only what was changed, though other fields have another value on the server by now', async () => {
    now = live({ paused: true })
    await save()
    expect(JSON.parse(server.requests.at(-1)!.body)).toEqual({ spec: { replicas: 4 } })
  })

  it('is a conflict when the same field was changed to something else, and sends nothing', async () => {
    now = live({ replicas: 7 })
    await expect(save()).rejects.toMatchObject({
      reason: 'Conflict',
      code: 409,
      message: 'spec.replicas was changed on the server since the object was opened.',
      causes: [{ field: 'spec.replicas', reason: 'Changed', message: 'changed on the server too' }],
    })
    expect(server.requests.filter((r) => r.method === 'PATCH')).toEqual([])
  })

  it('goes through all the same when it is forced', async () => {
    now = live({ replicas: 7 })
    await save({ force: true })
    expect(JSON.parse(server.requests.at(-1)!.body)).toEqual({ spec: { replicas: 4 } })
  })

  it('is no conflict when both sides changed the field to the same value', async () => {
    now = live({ replicas: 4 })
    await save()
    expect(server.requests.at(-1)!.method).toBe('PATCH')
  })

  it('shows both sides: the object with the edit put onto it, and each field that both changed', async () => {
    now = live({ replicas: 7, paused: true })
    const answer = await window.call('objects.rebase', { context: 'fake', ref, original, edited })
    expect(answer.conflicts).toEqual([{ field: 'spec.replicas', original: '2', mine: '4', theirs: '7' }])
    expect(answer.live).toContain('  paused: true\n  replicas: 7\n')
    expect(answer.merged).toContain('  paused: true\n  replicas: 4\n')
  })
})

describe('three versions of an object', () => {
  it('a list is one field: a merge patch would lose what was added to it on the server', () => {
    const was = { spec: { args: ['a'] } }
    expect(fieldConflicts(was, { spec: { args: ['a', 'b'] } }, { spec: { args: ['a', 'c'] } })).toEqual([
      { field: 'spec.args', original: '- a', mine: '- a\n- b', theirs: '- a\n- c' },
    ])
  })

  it('a key with dots is written in brackets, a field that is not set is empty', () => {
    const labels = (l: object) => ({ metadata: { labels: l } })
    expect(fieldConflicts(labels({}), labels({ 'a.b/c': 'mine' }), labels({ 'a.b/c': 'theirs' }))).toEqual([
      { field: 'metadata.labels[a.b/c]', original: '', mine: 'mine', theirs: 'theirs' },
    ])
  })

  it('what was removed here is removed there, what came there stays', () => {
    expect(rebased({ a: 1, b: 2 }, { a: 1 }, { a: 5, b: 2, c: 3 })).toEqual({ a: 5, c: 3 })
  })
})
