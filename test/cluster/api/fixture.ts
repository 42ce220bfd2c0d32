/** What the tests of the API server share: a server in memory on a clock that stands still. */
import type { Client } from '../../../src-main/cluster/api/client.js'
import type { KubeObject } from '../../../src-main/cluster/api/object.js'
import { createApiServer, type ApiServer, type ApiServerOptions } from '../../../src-main/cluster/api/server.js'
import { VirtualClock } from '../../../src-main/cluster/clock.js'
import { Random } from '../../../src-main/cluster/random.js'
import { openStore } from '../../../src-main/cluster/store/mvcc.js'
import type { Store } from '../../../src-main/cluster/store/store.js'

export const START = Date.parse('2026-11-21T09:00:00Z')

export const ADMIN = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }

export interface Fixture {
  readonly clock: VirtualClock
  readonly store: Store
  readonly server: ApiServer
  readonly admin: Client
}

export function startServer(options: Partial<ApiServerOptions> = {}): Fixture {
  const clock = new VirtualClock({ start: START, speed: 0 })
  const store = options.store ?? openStore({ clock })
  const server = createApiServer({ clock, random: new Random('test'), ...options, store })
  return { clock, store, server, admin: server.client(ADMIN) }
}

export const configMap = (name: string, data: Record<string, string> = {}, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
})

export const pod = (name: string, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
})
