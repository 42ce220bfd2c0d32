import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCases } from '../differential/case.js'
import { CHANGED } from '../differential/changed.js'
import { connect } from '../differential/connection.js'
import { differingFromRecorded } from '../differential/differing.js'
import { inParallel } from '../differential/run.js'
import { TestCluster } from './support/cluster.js'

/** Requests that a real kube-apiserver was sent, and its answers: the cluster gives the same. */

const cases = readCases(path.join(import.meta.dirname, '../data/recorded/answers.jsonl'))
const titles = cases.map(({ id, about }) => ({ id, about }))
/** How the answers differ, by the id of the case. */
const found = new Map<string, string[]>()
let cluster: TestCluster

beforeAll(async () => {
  cluster = await TestCluster.start({ args: ['--seed', '1'] })
  const connection = await connect(cluster.kubeconfig)
  const differences = await inParallel(cases, 6, (c) => differingFromRecorded(connection, c))
  for (const [i, c] of cases.entries()) found.set(c.id, differences[i]!)
  connection.close()
})
afterAll(async () => {
  await cluster?.stop()
})

describe('the recorded answer is given:', () => {
  it.each(titles.filter(({ id }) => !(id in CHANGED)))('$id ($about)', ({ id }) => {
    expect(found.get(id)).toEqual([])
  })
})

describe('Kubernetes has changed its answer:', () => {
  it.each(Object.entries(CHANGED).map(([id, change]) => ({ id, ...change })))('$id ($what)', ({ id, differs }) => {
    expect(found.get(id)).toEqual(differs.map((part) => expect.stringContaining(part) as string))
  })
})
