import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestCluster } from './support/cluster.js'
import { DESCRIBED, expected, LISTED, settled, startEveryKind } from './support/everykind.js'

/** What kubectl prints of an object of every kind: described, and in tables. */

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startEveryKind()
})
afterAll(async () => {
  await cluster?.stop()
})

describe('describe', () => {
  it.each(Object.entries(DESCRIBED))('%s', (file, what) => {
    expect(settled(cluster.ok(`describe ${what}`))).toBe(expected(`describe/${file}.txt`))
  })
})

describe('get', () => {
  it('has the columns of every kind', () => {
    expect(settled(cluster.ok(`get ${LISTED}`))).toBe(expected('get.txt'))
  })

  it('-o wide has more of them', () => {
    expect(settled(cluster.ok(`get ${LISTED} -o wide`))).toBe(expected('get-wide.txt'))
  })
})
