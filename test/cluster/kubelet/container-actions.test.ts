/** Which containers are started and killed in which state of the pod. */
import { expect, test } from 'vitest'
import type { Container, Pod } from '../../../src-main/cluster/api/object.js'
import { containerActions, mainContainersDone } from '../../../src-main/cluster/kubelet/container-actions.js'
import type { ContainerKind, Instance, PodState } from '../../../src-main/cluster/kubelet/pod-state.js'

const SANDBOX = 'sandbox'
type Run = Partial<Instance>
type Row = { name: string; kind?: ContainerKind; always?: true; spec?: object; run?: Run }

const running: Run = { state: 'running', started: true }
const starting: Run = { state: 'running', started: false }
const exited = (exitCode: number, more: Run = {}): Run => ({ state: 'exited', exitCode, ...more })
const elsewhere: Run = { sandboxId: 'earlier' }

const init = (name: string, run?: Run): Row => ({ name, kind: 'init', ...(run ? { run } : {}) })
const sidecar = (name: string, run?: Run): Row => ({ ...init(name, run), always: true })
const main = (name: string, run?: Run, spec: object = {}): Row => ({ name, spec, ...(run ? { run } : {}) })
const debug = (name: string, run?: Run): Row => ({ ...init(name, run), kind: 'ephemeral' })

function state(restartPolicy: string, rows: readonly Row[]): PodState {
  const of = (kind: ContainerKind): Container[] =>
    rows
      .filter((r) => (r.kind ?? 'main') === kind)
      .map(({ name, always, spec }) => ({ name, image: 'busybox', ...(always ? { restartPolicy: 'Always' } : {}), ...spec }))
  const spec = { restartPolicy, initContainers: of('init'), containers: of('main'), ephemeralContainers: of('ephemeral') }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default', uid: 'u' }, spec } as unknown as Pod
  const containers: PodState['containers'] = new Map()
  for (const { name, kind = 'main', run } of rows) {
    const made = { id: name, sandboxId: SANDBOX, attempt: 0, specImage: 'busybox', image: 'busybox', imageID: '', startedAt: 0 }
    const instance: Instance = { ...made, state: 'running', started: true, resources: {}, ...run }
    if (run) containers.set(name, { name, kind, current: instance })
  }
  const sandbox = { id: SANDBOX, ip: '10.0.0.1', network: undefined as never }
  return { pod, containers, startTime: 0, sandbox, ip: '', volumes: new Map(), terminal: false, granted: new Map(), resize: {} }
}

function actions(restartPolicy: string, rows: readonly Row[]): string {
  const s = state(restartPolicy, rows)
  const { kill, start } = containerActions(s)
  const told = [...kill.map((k) => `kill ${k.declared.spec.name}`), ...start.map((d) => `start ${d.spec.name}`)]
  return [...told, ...(mainContainersDone(s) ? ['done'] : [])].join(', ')
}

test.each<[string, string, Row[], string]>([
  ['all is well', 'Always', [main('a', running), main('b', running)], ''],
  ['nothing has run', 'Never', [main('a'), main('b')], 'start a, start b'],
  ['both have ended', 'Always', [main('a', exited(0)), main('b', exited(111))], 'start a, start b'],
  ['both have ended', 'OnFailure', [main('a', exited(0)), main('b', exited(111))], 'start b'],
  ['both have ended', 'Never', [main('a', exited(0)), main('b', exited(111))], 'done'],
  ['both have succeeded', 'OnFailure', [main('a', exited(0)), main('b', exited(0))], 'done'],
  ['one was made and never started', 'Never', [main('a', { state: 'created' }), main('b', running)], 'start a'],
  ['another image is wanted', 'Never', [main('a', { ...running, specImage: 'old' }), main('b', running)], 'kill a, start a'],
  ['a probe gave up', 'Always', [main('a', { ...running, failedProbe: 'liveness' })], 'kill a, start a'],
  ['a probe gave up', 'OnFailure', [main('a', { ...running, failedProbe: 'startup' })], 'kill a, start a'],
  ['a probe gave up', 'Never', [main('a', { ...running, failedProbe: 'liveness' }), main('b', running)], 'kill a'],
  ['a probe gave up on the last', 'Never', [main('a', { ...running, failedProbe: 'liveness' }), main('b', exited(0))], 'kill a, done'],
  ['its own policy counts', 'Always', [main('a', exited(1), { restartPolicy: 'Never' }), main('b', exited(1))], 'start b'],
  ['its own policy counts', 'Never', [main('a', exited(0), { restartPolicy: 'Always' }), main('b', exited(1))], 'start a'],
  ['its own policy counts', 'Never', [main('a', exited(0), { restartPolicy: 'OnFailure' }), main('b', running)], ''],
  ['one has succeeded in another sandbox', 'OnFailure', [main('a', exited(0, elsewhere)), main('b', exited(255, elsewhere))], 'start b'],
  ['one has succeeded in another sandbox and one in this', 'OnFailure', [main('a', exited(0, elsewhere)), main('b', exited(0))], 'done'],
  ['one was ended for all to begin anew', 'Never', [main('a', exited(1, { sandboxId: '', reset: true }))], 'start a'],

  ['nothing has run', 'Always', [init('i'), init('j'), main('a')], 'start i'],
  ['the first runs', 'Always', [init('i', running), init('j'), main('a')], ''],
  ['the first is done', 'Always', [init('i', exited(0)), init('j'), main('a')], 'start j'],
  ['all are done', 'Never', [init('i', exited(0)), init('j', exited(0)), main('a'), main('b')], 'start a, start b'],
  ['only the last is known', 'Always', [init('i'), init('j', exited(0)), main('a')], 'start a'],
  ['the last has failed', 'Always', [init('i', exited(0)), init('j', exited(1)), main('a')], 'start j'],
  ['the last has failed', 'OnFailure', [init('i', exited(0)), init('j', exited(1)), main('a')], 'start j'],
  ['the last has failed', 'Never', [init('i', exited(0)), init('j', exited(1)), main('a')], ''],
  ['the last was made and never started', 'Always', [init('i', exited(0)), init('j', { state: 'created' }), main('a')], 'start j'],
  ['they ran in another sandbox', 'Always', [init('i', exited(0, elsewhere)), main('a', exited(255, elsewhere))], 'start i'],
  ['main containers run', 'Always', [init('i', exited(1)), main('a', running)], ''],

  ['nothing has run', 'Always', [sidecar('s'), init('i'), main('a')], 'start s'],
  ['a sidecar is starting', 'Always', [sidecar('s', starting), init('i'), main('a')], ''],
  ['a sidecar has started', 'Always', [sidecar('s', running), init('i'), main('a')], 'start i'],
  ['a sidecar has started', 'Always', [sidecar('s', running), main('a')], 'start a'],
  ['a sidecar has ended before the next began', 'Never', [sidecar('s', exited(0)), init('i'), main('a')], 'start s'],
  ['a sidecar has ended while the next runs', 'Always', [sidecar('s', exited(1)), init('i', running), main('a')], 'start s'],
  ['a sidecar has ended when the next is done', 'Never', [sidecar('s', exited(1)), init('i', exited(0)), main('a')], 'start s, start a'],
  [
    'a sidecar starts again when the next is done',
    'Always',
    [sidecar('s', starting), init('i', exited(0)), init('j'), main('a')],
    'start j',
  ],
  [
    'a sidecar has ended when the next has failed',
    'Always',
    [sidecar('s', exited(1)), init('i', exited(1)), main('a')],
    'start s, start i',
  ],
  [
    'a sidecar failed its probe',
    'Never',
    [sidecar('s', { ...running, failedProbe: 'liveness' }), init('i', running), main('a')],
    'kill s, start s',
  ],
  ['a sidecar failed its startup probe', 'Always', [sidecar('s', { ...starting, failedProbe: 'startup' }), main('a')], 'kill s, start s'],
  [
    'sidecars have ended beside main containers',
    'OnFailure',
    [sidecar('s', exited(0)), sidecar('t'), main('a', running)],
    'start s, start t',
  ],

  ['somebody looks in', 'Always', [debug('d'), main('a', running)], 'start d'],
  ['somebody looks in before it is initialized', 'Always', [debug('d'), init('i', running), main('a')], 'start d'],
  ['somebody has looked in', 'Always', [debug('d', exited(1)), main('a', running)], ''],
  ['somebody has looked into another sandbox', 'Always', [debug('d', exited(255, elsewhere)), main('a', running)], ''],
])('%s, with %s', (_what, policy, rows, expected) => {
  expect(actions(policy, rows)).toBe(expected)
})

test.each<[string, Row[], string[]]>([
  [
    'a main container with another image',
    [main('a', { ...running, specImage: 'old' })],
    ['Container a definition changed, will be restarted'],
  ],
  [
    'a main container that a probe gave up on',
    [main('a', { ...running, failedProbe: 'startup' })],
    ['Container a failed startup probe, will be restarted'],
  ],
  [
    'a sidecar with another image',
    [sidecar('s', { ...running, specImage: 'old' }), main('a', running)],
    ['Init container s definition changed'],
  ],
  [
    'a sidecar that a probe gave up on',
    [sidecar('s', { ...running, failedProbe: 'liveness' }), main('a', running)],
    ['Init container s failed liveness probe'],
  ],
  [
    'one that has not started',
    [sidecar('s', { ...starting, failedProbe: 'startup' }), main('a')],
    ['Init container s failed startup probe'],
  ],
])('of the killing of %s is told', (_what, rows, expected) => {
  expect(containerActions(state('Always', rows)).kill.map((k) => k.message)).toEqual(expected)
})
