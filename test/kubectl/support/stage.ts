/** A cluster for the tests of one file, and a namespace of its own for each of them. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { Api } from './api.js'
import { TestCluster } from './cluster.js'

/** What a test is given. */
export interface Stage {
  cluster: TestCluster
  api: Api
  /** The namespace, `PREFIX-1` for the first test. */
  name: string
  /** The path of the core group in it. */
  core: string
  /** The path of a group and version in it: `apps/v1`. */
  group(version: string): string
}

/** Starts a cluster before all tests and stops it after them; before each of them `take` gets what is new. */
export function eachInNamespace(prefix: string, take: (stage: Stage) => void, args = ['--seed', '1', '--speed', '20']): void {
  let cluster: TestCluster
  let api: Api
  let tests = 0
  beforeAll(async () => {
    cluster = await TestCluster.start({ args })
    api = new Api(cluster.kubeconfig)
  })
  afterAll(async () => {
    api?.close()
    await cluster?.stop()
  })
  beforeEach(async () => {
    const name = `${prefix}-${++tests}`
    await api.namespace(name)
    take({ cluster, api, name, core: `/api/v1/namespaces/${name}`, group: (version) => `/apis/${version}/namespaces/${name}` })
  })
}
