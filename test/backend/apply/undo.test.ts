import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inverseOf } from '../../../src-main/backend/apply/inverse.js'
import { FakeApiServer } from '../support/api-server.js'
import { windowOn, type TestWindow } from '../support/window.js'

const ref = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'web' }
interface Deployment {
  metadata: { name: string; resourceVersion: string; labels?: Record<string, string> }
  spec: Record<string, unknown>
}
const deployment = (spec: object, labels?: Record<string, string>): Deployment => ({
  metadata: { name: 'web', resourceVersion: '9', ...(labels ? { labels } : {}) },
  spec: { replicas: 2, containers: [{ name: 'main', image: 'nginx:1' }], ...spec },
})

let server: FakeApiServer
let window: TestWindow
let stop: () => void
let now: Deployment
/** What is sent to the server: its content type and its body. */
const sent = (): unknown[] => server.requests.filter((r) => r.method === 'PATCH').map((r) => JSON.parse(r.body) as unknown)

beforeEach(async () => {
  server = new FakeApiServer()
  await server.start()
  ;({ window, stop } = windowOn(server))
  server.on('GET', /\/deployments\/web(\/scale)?$/, () => ({ body: now }))
  server.on('PATCH', /\/deployments\/web(\/scale)?$/, ({ body }) => ({ body: { metadata: { name: 'web' }, ...JSON.parse(body) } }))
})
afterEach(async () => {
  stop()
  await server.stop()
})
const undo = (patch: object, before: object, made: object) => window.call('objects.undo', { context: 'fake', ref, patch, before, made })

describe('taking back a change', () => {
  it('is the inverse of its patch: what was there comes back, and what was not goes', () => {
    const before = { metadata: { labels: { a: '1' } }, spec: { paused: true } }
    expect(inverseOf({ metadata: { labels: { a: '2', b: '3' } }, spec: { paused: null } }, before)).toEqual({
      metadata: { labels: { a: '1', b: null } },
      spec: { paused: true },
    })
  })

  it('sets the fields that the change touched, at the version where they were seen to be as it had left them', async () => {
    // Somebody else has changed another field since.
    now = deployment({ replicas: 5, paused: true }, { app: 'web' })
    await undo({ spec: { replicas: 5 } }, deployment({}), deployment({ replicas: 5 }))
    expect(sent()).toEqual([{ spec: { replicas: 2 }, metadata: { resourceVersion: '9' } }])
  })

  it('is refused, naming the field, when somebody has set it to something else since', async () => {
    now = deployment({ replicas: 7 })
    await expect(undo({ spec: { replicas: 5 } }, deployment({}), deployment({ replicas: 5 }))).rejects.toMatchObject({
      reason: 'Conflict',
      code: 409,
      message: 'spec.replicas was changed since. Nothing was taken back.',
      causes: [{ field: 'spec.replicas', reason: 'Changed', message: 'changed since' }],
    })
    now = deployment({ replicas: 7 }, { 'app.kubernetes.io/name': 'x' })
    await expect(
      undo(
        { metadata: { labels: { 'app.kubernetes.io/name': 'web' } }, spec: { replicas: 5 } },
        deployment({}),
        deployment({ replicas: 5 }, { 'app.kubernetes.io/name': 'web' }),
      ),
    ).rejects.toMatchObject({
      message: '2 fields were changed since. Nothing was taken back.',
      causes: [{ field: 'metadata.labels[app.kubernetes.io/name]' }, { field: 'spec.replicas' }],
    })
    expect(sent()).toEqual([])
  })

  it('looks again when the object was written to in between', async () => {
    now = deployment({ replicas: 5 })
    server.on('PATCH', /\/web$/, ({ body }) => {
      if (now.metadata.resourceVersion !== '9') return { body: JSON.parse(body) }
      now.metadata.resourceVersion = '10'
      return { code: 409, body: { kind: 'Status', reason: 'Conflict', code: 409, message: 'the object has been modified' } }
    })
    await undo({ spec: { replicas: 5 } }, deployment({}), deployment({ replicas: 5 }))
    expect(sent().at(-1)).toEqual({ spec: { replicas: 2 }, metadata: { resourceVersion: '10' } })
  })

  it('compares a list with what the server made of it, defaults included, whatever the order of its keys', async () => {
    const made = deployment({ containers: [{ name: 'main', image: 'nginx:2', imagePullPolicy: 'Always' }] })
    now = deployment({ containers: [{ imagePullPolicy: 'Always', image: 'nginx:2', name: 'main' }] })
    await undo({ spec: { containers: [{ name: 'main', image: 'nginx:2' }] } }, deployment({}), made)
    expect(sent()).toEqual([{ spec: { containers: [{ name: 'main', image: 'nginx:1' }] }, metadata: { resourceVersion: '9' } }])
  })

  it('of a scale goes to the subresource', async () => {
    now = deployment({ replicas: 5 })
    const made = { spec: { replicas: 5 } }
    await window.call('objects.undo', { context: 'fake', ref, subresource: 'scale', patch: made, before: { spec: { replicas: 2 } }, made })
    expect(server.requests.slice(-2).map((r) => `${r.method} ${r.path}`)).toEqual(
      ['GET', 'PATCH'].map((m) => `${m} /apis/apps/v1/namespaces/shop/deployments/web/scale`),
    )
  })
})

describe('taking back an edit that was saved', () => {
  const original = 'metadata:\n  name: web\nspec:\n  replicas: 2\n'
  const edited = 'metadata:\n  name: web\nspec:\n  replicas: 5\n  paused: true\n'
  const made = deployment({ replicas: 5, paused: true })
  const undoSave = (more: object = {}) => window.call('objects.undoSave', { context: 'fake', ref, original, edited, made, ...more })

  it('sets what was changed to what it was when the object was opened', async () => {
    now = made
    await undoSave()
    expect(sent()).toEqual([{ spec: { replicas: 2, paused: null }, metadata: { resourceVersion: '9' } }])
  })

  it('that was forced over a change of somebody else brings that one back', async () => {
    now = made
    await undoSave({ prior: 'metadata:\n  name: web\nspec:\n  replicas: 4\n' })
    expect(sent()).toEqual([{ spec: { replicas: 4, paused: null }, metadata: { resourceVersion: '9' } }])
  })
})
