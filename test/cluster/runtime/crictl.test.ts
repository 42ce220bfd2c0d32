/** crictl on the disk of a node, as in kubernetes.io/docs/tasks/debug/debug-cluster/crictl. */
import { beforeEach, describe, expect, test } from 'vitest'
import { busyboxImage, containerConfig, makeMachine, openTerminal, type Machine } from './machine.js'

const CRICTL = '/host/usr/bin/crictl'
let m: Machine
let root: string

beforeEach(async () => {
  m = await makeMachine({ images: { web: { ...busyboxImage, size: 109_130_000 } } })
  for (const image of ['busybox', 'web']) await m.runtime.pullImage('minikube', image)
  const volume = m.runtime.hostPathVolume('minikube', '/', '')
  const tools = await m.runtime.runPodSandbox({
    namespace: 'kube-system', name: 'tools', uid: 't', node: 'minikube', hostname: 'minikube', hosts: '', resolvConf: '', hostNetwork: true,
    labels: { run: 'tools' },
  }) // prettier-ignore
  root = await m.runtime.createContainer(
    tools.id,
    containerConfig({ name: 'shell', mounts: [{ volume, containerPath: '/host', readOnly: false }], stdin: true }),
  )
  await m.runtime.startContainer(root)
  await m.clock.advance(60_000)
})

const crictl = (...words: string[]) => m.exec(root, [CRICTL, ...words])
/** The words of each row. */
const cells = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {3,}/))

describe('crictl ps', () => {
  test('shows what runs, the newest first, with the pod that it is of', async () => {
    const id = await m.start({ name: 'main', image: 'web', attempt: 1 })
    await m.clock.advance(5_000)
    const { stdout } = await crictl('ps')
    expect(cells(stdout)).toEqual([
      ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'],
      [
        id.slice(0, 13),
        expect.stringMatching(/^[0-9a-f]{13}$/),
        '5 seconds ago',
        'Running',
        'main',
        '1',
        m.sandboxId.slice(0, 13),
        'web',
        'default',
      ],
      [root.slice(0, 13), expect.any(String), 'About a minute ago', 'Running', 'shell', '0', expect.any(String), 'tools', 'kube-system'],
    ])
    expect(stdout.split('\n')[0]).toBe(
      'CONTAINER           IMAGE               CREATED              STATE               NAME                ATTEMPT             POD ID              POD                 NAMESPACE',
    )
  })

  test('shows what has ended with -a or when its state is asked for', async () => {
    const id = await m.start({ name: 'main', command: ['false'] })
    expect((await crictl('ps', '-q')).stdout).toBe(`${root}\n`)
    expect((await crictl('ps', '-aq')).stdout).toBe(`${id}\n${root}\n`)
    expect((await crictl('ps', '--state', 'Exited', '-q')).stdout).toBe(`${id}\n`)
    expect((await crictl('ps', '-q', '--latest')).stdout).toBe(`${id}\n`)
    expect((await crictl('ps', '--state', 'gone')).stderr).toContain('--state should be one of created, running, exited or unknown')
  })

  test('finds containers by name, namespace, pod, image and label', async () => {
    const id = await m.start({ name: 'main', image: 'web' })
    const filters = [['--name', '^ma'], ['--namespace', 'def'], ['--pod', m.sandboxId], ['--image', 'web'], ['--label', 'io.kubernetes.container.name=main']] // prettier-ignore
    for (const filter of filters) expect((await crictl('ps', '-q', ...filter)).stdout).toBe(`${id}\n`)
  })

  test('gives the messages of the runtime in JSON', async () => {
    const id = await m.start({ name: 'main' })
    const { containers } = JSON.parse((await crictl('ps', '-l', '-o', 'json')).stdout) as { containers: unknown[] }
    expect(containers).toMatchObject([
      { id, podSandboxId: m.sandboxId, metadata: { name: 'main', attempt: 0 }, state: 'CONTAINER_RUNNING' },
    ])
  })
})

describe('crictl pods', () => {
  test('lists sandboxes', async () => {
    expect(cells((await crictl('pods', '--name', 'tools')).stdout)).toEqual([
      ['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'],
      [expect.any(String), 'About a minute ago', 'Ready', 'tools', 'kube-system', '0', '(default)'],
    ])
    expect((await crictl('pods', '-q', '--namespace', 'default')).stdout).toBe(`${m.sandboxId}\n`)
  })

  test('finds them by the labels of the pod', async () => {
    expect(cells((await crictl('pods', '--label', 'run=tools')).stdout)).toHaveLength(2)
    expect((await crictl('pods', '-q', '--label', 'run=nginx')).stdout).toBe('')
  })
})

describe('crictl images', () => {
  test('lists what was pulled, or one repository of it', async () => {
    expect(cells((await crictl('images')).stdout)).toEqual([
      ['IMAGE', 'TAG', 'IMAGE ID', 'SIZE'],
      ['docker.io/library/busybox', 'latest', expect.stringMatching(/^[0-9a-f]{13}$/), '2MB'],
      ['docker.io/library/web', 'latest', expect.stringMatching(/^[0-9a-f]{13}$/), '109MB'],
    ])
    expect(cells((await crictl('images', 'web')).stdout)[1]![0]).toBe('docker.io/library/web')
    expect((await crictl('images', '-q', 'web')).stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/)
  })
})

describe('crictl exec', () => {
  test('runs a command in a container that is named by the beginning of its id', async () => {
    const id = await m.start({ name: 'main' })
    expect(await crictl('exec', id.slice(0, 13), 'sh', '-c', 'echo out; echo err >&2')).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      code: 0,
    })
    expect(await m.exec(root, [CRICTL, 'exec', '-i', id, 'cat'], { stdin: 'typed' })).toEqual({ stdout: 'typed', stderr: '', code: 0 })
  })

  test('says how it ended, and what is not there', async () => {
    const id = await m.start({ name: 'main' })
    const failed = await crictl('exec', id, 'sh', '-c', 'exit 3')
    expect(failed.code).toBe(1)
    expect(failed.stderr).toBe(
      `time="2026-11-21T09:18:00Z" level=fatal msg="execing command in container ${id}: command terminated with exit code 3"\n`,
    )
    expect((await crictl('exec', 'abc', 'ls')).stderr).toContain(
      'rpc error: code = NotFound desc = an error occurred when try to find container \\"abc\\": not found',
    )
    expect((await crictl('exec', '-it', id, 'sh')).stderr).toContain('input is not a terminal')
  })

  test('gives its terminal to the command', async () => {
    const id = await m.start({ name: 'main' })
    const t = await openTerminal(m, root)
    t.take()
    expect(await t.type(`${CRICTL} exec -it ${id.slice(0, 13)} sh\r`)).toBe(`${CRICTL} exec -it ${id.slice(0, 13)} sh\r\n/ # `)
    expect(await t.type('hostname\r')).toBe('hostname\r\nweb\r\n/ # ')
    expect(await t.type('sleep 9\r')).toBe('sleep 9\r\n')
    expect(await t.type('\x03')).toBe('^C\r\n/ # ')
    expect(await t.type('exit\r')).toContain('command terminated with exit code 130')
    expect(await t.type('hostname\r')).toBe('hostname\r\nminikube\r\n/ # ')
  })
})

test('crictl logs shows all, the last lines, or what comes', async () => {
  const id = await m.start({ name: 'main', command: ['sh', '-c', 'echo one; echo two; sleep 1; echo three'] })
  expect((await crictl('logs', id)).stdout).toBe('one\ntwo\n')
  expect((await crictl('logs', '--tail=1', id)).stdout).toBe('two\n')
  expect((await crictl('logs', '--tail', '1', '-t', id)).stdout).toMatch(/^2026-11-21T09:18:00\.000000000Z .*two\n$/)
  expect((await m.exec(root, [CRICTL, 'logs', '-f', id], { ms: 2_000 })).stdout).toBe('one\ntwo\nthree\n')
})

test('crictl stop ends a container, inspect tells of it', async () => {
  const id = await m.start({ name: 'main' })
  expect((await m.exec(root, [CRICTL, 'stop', id], { ms: 1_000 })).stdout).toBe(`${id}\n`)
  const inspected = JSON.parse((await crictl('inspect', id)).stdout) as object
  expect(inspected).toMatchObject({
    status: {
      id,
      state: 'CONTAINER_EXITED',
      exitCode: 137,
      metadata: { attempt: 0, name: 'main' },
      logPath: '/var/log/pods/default_web_u/main/0.log',
      labels: { 'io.kubernetes.pod.name': 'web', 'io.kubernetes.pod.namespace': 'default' },
    },
  })
  const pod = JSON.parse((await crictl('inspectp', m.sandboxId)).stdout) as object
  expect(pod).toMatchObject({ status: { network: { ip: m.ip }, state: 'SANDBOX_READY' } })
})

test('crictl stopp ends a pod, which rmp then removes with its containers', async () => {
  const id = await m.start({ name: 'main' })
  const pod = m.sandboxId.slice(0, 13)
  expect((await crictl('rmp', pod)).stderr).toContain(`pod sandbox \\"${pod}\\" is running, please stop it first`)
  expect((await crictl('stopp', pod)).stdout).toBe(`Stopped sandbox ${pod}\n`)
  expect(cells((await crictl('pods', '--name', 'web')).stdout)[1]![2]).toBe('NotReady')
  expect((await crictl('ps', '-aq', '--state', 'exited')).stdout).toBe(`${id}\n`)
  expect((await crictl('rmp', pod)).stdout).toBe(`Removed sandbox ${pod}\n`)
  expect((await crictl('ps', '-aq')).stdout).toBe(`${root}\n`)
  expect((await crictl('rmp', pod)).stderr).toContain(
    `getting sandbox status of pod \\"${pod}\\": rpc error: code = NotFound desc = an error occurred when try to find sandbox: not found`,
  )
  expect((await crictl('stopp', pod)).stdout).toBe(`Stopped sandbox ${pod}\n`)
})

test('crictl rm removes what has ended, and what runs when it is told to', async () => {
  const [ended, runs] = [await m.start({ name: 'one', command: ['false'] }), await m.start({ name: 'two' })]
  expect((await crictl('rm', runs)).stderr).toContain(`container \\"${runs}\\" is running, please stop it first`)
  expect((await crictl('rm', ended)).stdout).toBe(`${ended}\n`)
  expect((await crictl('rm', '-f', runs)).stdout).toBe(`${runs}\n`)
  expect((await crictl('ps', '-aq')).stdout).toBe(`${root}\n`)
})

test('crictl rmi removes images by name, or those that nothing uses', async () => {
  expect(await crictl('rmi', 'nginx')).toMatchObject({ code: 1, stderr: expect.stringContaining('unable to remove the image(s)') })
  expect((await crictl('rmi', '--prune')).stdout).toBe('Deleted: docker.io/library/web:latest\n')
  expect((await crictl('rmi', 'busybox')).stdout).toBe('Deleted: docker.io/library/busybox:latest\n')
  expect(cells((await crictl('images')).stdout)).toHaveLength(1)
})

test('crictl stats shows what containers use over a second', async () => {
  const id = await m.start({ name: 'main' })
  const { stdout } = await m.exec(root, [CRICTL, 'stats', id.slice(0, 13)], { ms: 2_000 })
  expect(cells(stdout)).toEqual([
    ['CONTAINER', 'NAME', 'CPU %', 'MEM', 'DISK', 'INODES', 'SWAP'],
    [id.slice(0, 13), 'main', '0.00', expect.stringMatching(/^[\d.]+[kM]?B$/), '0B', '0', '0B'],
  ])
})

test('another socket is nobody there, and the runtime listens to root alone', async () => {
  expect((await crictl('-r', 'unix:///run/crio/crio.sock', 'ps')).stderr).toContain(
    'dial unix /run/crio/crio.sock: connect: no such file or directory',
  )
  expect((await crictl('version')).stdout).toBe(
    'Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v2.1.4\nRuntimeApiVersion:  v1\n',
  )
  expect((await m.exec(root, ['su', '-s', '/bin/sh', 'nobody', '-c', `${CRICTL} ps`])).stderr).toContain('connect: permission denied')
})
