/** What the last status of a pod says of containers whose end nobody saw. */
import { expect, test } from 'vitest'
import type { ContainerStatus, Pod } from '../../../src-main/cluster/api/object.js'
import { closeStatuses } from '../../../src-main/cluster/kubelet/final-status.js'

/** `waiting`, `running` (or `started`), an exit code, or `waiting` after an exit code. */
type State = 'waiting' | 'running' | 'started' | number | { after: number }

const status = (name: string, state: State): ContainerStatus => {
  const base = { name, image: 'nginx', imageID: '', ready: false, restartCount: 0, lastState: {} }
  if (typeof state === 'number') return { ...base, state: { terminated: { exitCode: state } } }
  if (typeof state === 'object') return { ...base, state: { waiting: {} }, lastState: { terminated: { exitCode: state.after } } }
  if (state === 'waiting') return { ...base, state: { waiting: {} } }
  return { ...base, started: state === 'started', state: { running: {} } }
}
const shown = ({ state }: ContainerStatus): string =>
  state?.terminated ? `${state.terminated.exitCode}${state.terminated.reason ? ` ${state.terminated.reason}` : ''}` : 'waiting'

const LOST = '137 ContainerStatusUnknown'

test.each<[string, State[], State[], string[], string[], boolean?]>([
  ['one that waits without init containers', [], ['waiting'], [], [LOST]],
  ['one whose end was seen', [], [0], [], ['0']],
  ['one that still ran', [], ['running'], [], [LOST]],
  ['one that waits to be restarted', [], [{ after: 1 }], [], [LOST]],
  ['several', [], [0, 'running', 'waiting'], [], ['0', LOST, LOST]],
  ['an init container that never ran', ['waiting'], ['waiting'], [LOST], ['waiting']],
  ['an init container that ran', ['running'], ['waiting'], [LOST], ['waiting']],
  ['an init container that failed', [1], ['waiting'], ['1'], ['waiting']],
  ['an init container that succeeded', [0], ['waiting'], ['0'], [LOST]],
  ['an init container that had succeeded', [{ after: 0 }], ['waiting'], [LOST], [LOST]],
  ['init containers of which the second ran', [0, 'running', 'waiting'], ['waiting'], ['0', LOST, 'waiting'], ['waiting']],
  ['init containers of which none ran', ['waiting', 'waiting'], ['waiting'], [LOST, 'waiting'], ['waiting']],
  ['init containers of which only the last is known', ['waiting', 1], ['waiting'], [LOST, '1'], ['waiting']],
  ['a main container that ran, though its init container waits', ['waiting'], [{ after: 0 }], [LOST], [LOST]],
  ['a sidecar that has started', ['started'], ['waiting'], [LOST], [LOST], true],
  ['a sidecar that has not started', ['running'], ['waiting'], [LOST], ['waiting'], true],
])('of %s', (_, init, main, expectedInit, expectedMain, sidecar = false) => {
  const initContainers = init.map((_s, i) => ({ name: `init-${i}`, ...(sidecar ? { restartPolicy: 'Always' } : {}) }))
  const pod = { metadata: {}, spec: { initContainers, containers: main.map((_s, i) => ({ name: `main-${i}` })) } } as Pod
  const closed = closeStatuses(pod, { init: init.map((s, i) => status(`init-${i}`, s)), main: main.map((s, i) => status(`main-${i}`, s)) })
  expect([closed.init.map(shown), closed.main.map(shown)]).toEqual([expectedInit, expectedMain])
})
