/** The phase of a pod by the states of its containers. */
import { describe, expect, test } from 'vitest'
import type { ContainerStatus, Pod } from '../../../src-main/cluster/api/object.js'
import { podPhase } from '../../../src-main/cluster/kubelet/phase.js'

const ended = (exitCode: number) => ({ terminated: { exitCode } })

/** What a container can be found to be. */
const STATES = {
  running: { state: { running: {} } },
  started: { state: { running: {} }, started: true },
  succeeded: { state: ended(0) },
  failed: { state: ended(1) },
  asked: { state: ended(42) },
  waiting: { state: { waiting: {} } },
  'back-off after 0': { state: { waiting: {} }, lastState: ended(0) },
  'back-off after 1': { state: { waiting: {} }, lastState: ended(1) },
  'to begin anew': {
    state: { waiting: { reason: 'RestartingAllContainers' } },
    lastState: { terminated: { exitCode: 137, reason: 'RestartingAllContainers' } },
  },
  unknown: undefined,
}
type State = keyof typeof STATES

interface Spec {
  init?: readonly object[]
  main?: readonly object[]
  restartPolicy?: string
}

interface Situation {
  terminal?: boolean
  initialized?: boolean
}

function phase(
  { init = [], main = [{}, {}], restartPolicy = 'Always' }: Spec,
  states: string,
  { terminal = false, initialized = false }: Situation = {},
): string {
  const initContainers = init.map((c, i) => ({ name: `init-${i}`, ...c }))
  const containers = main.map((c, i) => ({ name: `main-${i}`, ...c }))
  const found = states ? (states.split(', ') as State[]) : []
  const statuses = [...initContainers, ...containers].flatMap(({ name }, i) => {
    const state = STATES[found[i] ?? 'unknown']
    return state ? [{ name, ...state } as unknown as ContainerStatus] : []
  })
  const pod = { metadata: {}, spec: { restartPolicy, initContainers, containers } } as unknown as Pod
  return podPhase(pod, statuses, terminal, initialized)
}

const SIDECAR = { restartPolicy: 'Always' }

describe('the phase of a pod', () => {
  test.each<[string, Situation, string]>([
    ['', {}, 'Pending'],
    ['running, running', {}, 'Running'],
    ['succeeded, succeeded', {}, 'Running'],
    ['succeeded, succeeded', { terminal: true }, 'Succeeded'],
    ['succeeded, failed', { terminal: true }, 'Failed'],
    ['running, succeeded', {}, 'Running'],
    ['running', {}, 'Pending'],
    ['running, waiting', {}, 'Pending'],
    ['running, back-off after 0', {}, 'Running'],
  ])('that is always restarted, of containers [%s] %j, is %s', (states, situation, expected) => {
    expect(phase({}, states, situation)).toBe(expected)
  })

  test.each<[string, string]>([
    ['', 'Pending'],
    ['running, running', 'Running'],
    ['succeeded, succeeded', 'Succeeded'],
    ['failed, failed', 'Failed'],
    ['running, succeeded', 'Running'],
    ['running', 'Pending'],
    ['running, waiting', 'Pending'],
  ])('that is never restarted, of containers [%s], is %s', (states, expected) => {
    expect(phase({ restartPolicy: 'Never' }, states)).toBe(expected)
  })

  test.each<[string, string]>([
    ['', 'Pending'],
    ['running, running', 'Running'],
    ['succeeded, succeeded', 'Succeeded'],
    ['failed, failed', 'Running'],
    ['running, succeeded', 'Running'],
    ['running', 'Pending'],
    ['running, waiting', 'Pending'],
    ['running, back-off after 0', 'Running'],
  ])('that is restarted on failure, of containers [%s], is %s', (states, expected) => {
    expect(phase({ restartPolicy: 'OnFailure' }, states)).toBe(expected)
  })

  test.each<[string, string, string]>([
    ['', 'Pending', 'Pending'],
    ['running', 'Pending', 'Pending'],
    ['failed', 'Pending', 'Failed'],
    ['back-off after 0', 'Pending', 'Pending'],
    ['back-off after 1', 'Pending', 'Failed'],
    ['waiting', 'Pending', 'Pending'],
    ['succeeded, running, running', 'Running', 'Running'],
  ])('with an init container, [%s], is %s when restarted and %s when not', (states, always, never) => {
    expect(phase({ init: [{}] }, states)).toBe(always)
    expect(phase({ init: [{}], restartPolicy: 'Never' }, states)).toBe(never)
  })

  test.each<[string, Situation, string]>([
    ['', {}, 'Pending'],
    ['running', {}, 'Pending'],
    ['succeeded', {}, 'Pending'],
    ['back-off after 0', {}, 'Pending'],
    ['back-off after 1', {}, 'Pending'],
    ['waiting', {}, 'Pending'],
    ['started, running', { initialized: true }, 'Pending'],
    ['started, running, running', { initialized: true }, 'Running'],
    ['running, running, running', { initialized: true }, 'Running'],
    ['succeeded, running, running', { initialized: true }, 'Running'],
    ['back-off after 0, running, running', { initialized: true }, 'Running'],
    ['failed, succeeded, succeeded', { initialized: true, terminal: true }, 'Succeeded'],
    ['succeeded, succeeded, succeeded', { initialized: true, terminal: true }, 'Succeeded'],
    ['running, running, running', {}, 'Pending'],
  ])('with a sidecar, always restarted, [%s] %j, is %s', (states, situation, expected) => {
    expect(phase({ init: [SIDECAR] }, states, situation)).toBe(expected)
  })

  test.each<[string, Situation, string]>([
    ['', {}, 'Pending'],
    ['running', {}, 'Pending'],
    ['succeeded', {}, 'Pending'],
    ['back-off after 0', {}, 'Pending'],
    ['back-off after 1', {}, 'Pending'],
    ['waiting', {}, 'Pending'],
    ['started, running', { initialized: true }, 'Pending'],
    ['started, succeeded, succeeded', { initialized: true }, 'Running'],
    ['running, succeeded, succeeded', { initialized: true }, 'Running'],
    ['succeeded, succeeded, succeeded', { initialized: true }, 'Succeeded'],
    ['failed, succeeded, succeeded', { initialized: true }, 'Succeeded'],
    ['back-off after 0, succeeded, succeeded', { initialized: true }, 'Succeeded'],
    ['back-off after 1, succeeded, succeeded', { initialized: true }, 'Succeeded'],
  ])('with a sidecar, never restarted, [%s] %j, is %s', (states, situation, expected) => {
    expect(phase({ init: [SIDECAR], restartPolicy: 'Never' }, states, situation)).toBe(expected)
  })

  test.each<[string, Situation, string]>([
    ['running, running, running', {}, 'Pending'],
    ['running, running, succeeded', {}, 'Pending'],
    ['succeeded, running, succeeded', {}, 'Pending'],
    ['succeeded, running, succeeded', { initialized: true }, 'Running'],
    ['succeeded, running, running', { initialized: true }, 'Running'],
  ])('whose sandbox may have been made anew, [%s] %j, is %s', (states, situation, expected) => {
    expect(phase({ init: [{}, SIDECAR], main: [{}] }, states, situation)).toBe(expected)
  })

  const own = (...policies: readonly (string | undefined)[]): object[] =>
    policies.map((restartPolicy) => (restartPolicy ? { restartPolicy } : {}))
  test.each<[string, Spec, string, string]>([
    ['one that never is has failed', { main: own('Never') }, 'failed', 'Failed'],
    ['one that is on failure', { main: own('OnFailure') }, 'failed', 'Running'],
    ['one that always is', { main: own('Always') }, 'failed', 'Running'],
    [
      'one that always is beside one that never is',
      { main: own('Always', undefined), restartPolicy: 'Never' },
      'succeeded, failed',
      'Running',
    ],
    ['one has failed, the other succeeded', { main: own('Never', 'OnFailure') }, 'failed, succeeded', 'Failed'],
    ['both have succeeded', { main: own('Never', 'OnFailure') }, 'succeeded, succeeded', 'Succeeded'],
    ['an init container that never is has failed', { init: own('Never'), main: [{}] }, 'failed', 'Failed'],
    ['an init container that is on failure', { init: own('OnFailure'), main: [{}], restartPolicy: 'Never' }, 'failed', 'Pending'],
    ['a sidecar that has failed', { init: own('Always'), main: [{}], restartPolicy: 'Never' }, 'failed', 'Pending'],
  ])('goes by how each container is restarted: %s', (_, spec, states, expected) => {
    expect(phase(spec, states, { initialized: true })).toBe(expected)
  })

  const rules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }]
  const asks = { restartPolicy: 'Never', restartPolicyRules: rules }
  const sidecarAsks = { ...SIDECAR, restartPolicyRules: rules }
  test.each<[string, Spec, string, string]>([
    ['a container asks', { main: [asks] }, 'asked', 'Running'],
    ['an init container asks', { init: [asks], main: [{}] }, 'asked, waiting', 'Pending'],
    ['a sidecar asks', { init: [sidecarAsks], main: [{}] }, 'asked, waiting', 'Pending'],
    ['a sidecar asks before the next', { init: [sidecarAsks, {}], main: [{}] }, 'asked, waiting, waiting', 'Pending'],
    ['the container is removed', { main: [asks] }, 'to begin anew', 'Running'],
    ['the init container is removed', { init: [asks], main: [{}] }, 'to begin anew, waiting', 'Pending'],
    ['the sidecar is removed', { init: [sidecarAsks], main: [{}] }, 'to begin anew, waiting', 'Pending'],
    ['the sidecar and the next are removed', { init: [sidecarAsks, {}], main: [{}] }, 'to begin anew, to begin anew, waiting', 'Pending'],
    ['the init container has succeeded again', { init: [{}], main: [asks] }, 'succeeded, to begin anew', 'Running'],
    ['the init container fails this time', { init: [{}], main: [asks] }, 'failed, to begin anew', 'Failed'],
    ['the init container that asked succeeds', { init: [asks], main: [{}] }, 'succeeded, waiting', 'Pending'],
    ['the sidecar and the other are removed', { init: [sidecarAsks], main: [{}] }, 'to begin anew, to begin anew', 'Running'],
    ['the sidecar runs again', { init: [sidecarAsks], main: [{}] }, 'running, to begin anew', 'Running'],
    ['the sidecar runs again before the next', { init: [sidecarAsks, {}], main: [{}] }, 'running, to begin anew, waiting', 'Pending'],
  ])('of a pod whose containers all begin anew: %s', (_, spec, states, expected) => {
    expect(phase({ restartPolicy: 'Never', ...spec }, states, { initialized: true })).toBe(expected)
  })
})
