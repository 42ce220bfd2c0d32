/** Writes and reads that name a version of the object, rightly or not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMap } from './fixture.js'
import { startHttps, type Answer, type HttpsFixture } from './https.js'

let f: HttpsFixture
beforeAll(async () => {
  f = await startHttps()
  await f.send('POST', MAPS, { body: configMap('here', { a: '1' }) })
})
afterAll(() => f.server.close())

const MAPS = '/api/v1/namespaces/default/configmaps'
const said = (a: Answer): string => `${a.code} ${a.json?.reason ?? ''}: ${a.json?.message ?? a.text}`
const put = (name: string, metadata: object): Promise<Answer> =>
  f.send('PUT', `${MAPS}/${name}`, { body: configMap(name, { a: '2' }, metadata as never) })
const merge = (path: string, body: object): Promise<Answer> =>
  f.send('PATCH', path, { body, headers: { 'content-type': 'application/merge-patch+json' } })

describe('an object that was deleted and made again', () => {
  const storage = (key: string): string => `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg`

  it('is not what a client means that names the old uid, whatever revision it names', async () => {
    const { uid, resourceVersion } = (await f.send('GET', `${MAPS}/here`)).json.metadata
    for (const metadata of [{ uid: 'old' }, { uid: 'old', resourceVersion }, { uid: 'old', resourceVersion: '1' }])
      expect(said(await put('here', metadata))).toBe(
        `409 Conflict: Operation cannot be fulfilled on configmaps "here": ${storage('/registry/configmaps/default/here')}: Precondition failed: UID in precondition: old, UID in object meta: ${uid}`,
      )
  })

  it('is told of as a conflict as well when there is nothing there now', async () => {
    expect(said(await put('gone', { uid: 'old' }))).toBe(
      `409 Conflict: Operation cannot be fulfilled on configmaps "gone": ${storage('/registry/configmaps/default/gone')}: Precondition failed: UID in precondition: old, UID in object meta: `,
    )
    expect(said(await put('gone', {}))).toBe('404 NotFound: configmaps "gone" not found')
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'gone', uid: 'old' } }
    expect(said(await f.send('PUT', '/api/v1/namespaces/default/services/gone', { body: service }))).toBe(
      `409 Conflict: Operation cannot be fulfilled on services "gone": ${storage('/registry/services/specs/default/gone')}: Precondition failed: UID in precondition: old, UID in object meta: `,
    )
  })
})

describe('a resourceVersion', () => {
  const syntax = 'strconv.ParseUint: parsing "abc": invalid syntax'

  it('that is no number is an error without a reason, of a list a bad request', async () => {
    expect(said(await put('here', { resourceVersion: 'abc' }))).toBe(`500 : ${syntax}`)
    expect(said(await merge(`${MAPS}/here`, { metadata: { resourceVersion: 'abc' } }))).toBe(`500 : ${syntax}`)
    const invalid = `resourceVersion: Invalid value: "abc": ${syntax}`
    expect(said(await f.send('GET', `${MAPS}/here?resourceVersion=abc`))).toBe(`500 : ${invalid}`)
    expect(said(await f.send('GET', `${MAPS}?watch=1&resourceVersion=abc`))).toBe(`500 : ${invalid}`)
    expect(said(await f.send('GET', `${MAPS}?resourceVersion=abc`))).toBe(`400 BadRequest: invalid resource version: ${invalid}`)
    expect(said(await put('here', { resourceVersion: '99999999999999999999' }))).toBe(
      '500 : strconv.ParseUint: parsing "99999999999999999999": value out of range',
    )
  })

  it('of 0 stands for any in an update', async () => {
    expect((await put('here', { resourceVersion: '0' })).json.data).toEqual({ a: '2' })
    expect(said(await put('here', { resourceVersion: '1' }))).toBe(
      '409 Conflict: Operation cannot be fulfilled on configmaps "here": the object has been modified; please apply your changes to the latest version and try again',
    )
  })
})

describe('managedFields that a client sends', () => {
  const entry = (more: object): object => ({
    manager: 'me',
    operation: 'Update',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': {} },
    ...more,
  })

  it('are refused for managers and subresources with names that cannot be', async () => {
    const managedFields = [entry({ manager: 'a\u0007b\u00a0' }), entry({ manager: 'm'.repeat(129), subresource: 's'.repeat(257) })]
    const answer = await f.send('POST', MAPS, { body: configMap('owned', {}, { managedFields } as never) })
    expect([answer.code, answer.json.details.causes.map((c: { field: string; message: string }) => `${c.field}: ${c.message}`)]).toEqual([
      422,
      [
        'metadata.managedFields[0].manager: Invalid value: "a\\ab\\u00a0": invalid character U+0007 (at position 1)',
        'metadata.managedFields[0].manager: Invalid value: "a\\ab\\u00a0": invalid character U+00A0 (at position 3)',
        'metadata.managedFields[1].manager: Too long: may not be more than 128 bytes',
        'metadata.managedFields[1].subresource: Too long: may not be more than 256 bytes',
      ],
    ])
  })

  it('are forgotten when one of them is malformed', async () => {
    const managedFields = [entry({ operation: 'Guess' })]
    const answer = await f.send('POST', MAPS, { body: configMap('malformed', { a: '1' }, { managedFields } as never) })
    expect([answer.code, answer.json.metadata.managedFields.map((m: { operation: string }) => m.operation)]).toEqual([201, ['Update']])
  })
})
