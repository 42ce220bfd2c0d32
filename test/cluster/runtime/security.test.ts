/** What the kernel lets a container do, as its processes see it. */
import { describe, expect, it } from 'vitest'
import type { ContainerConfig } from '../../../src-main/cluster/runtime/cri.js'
import { makeMachine, type Machine } from './machine.js'

/** Lines of the status of a process that has the security context. */
async function status(m: Machine, config: Partial<ContainerConfig>, ...names: string[]): Promise<string[]> {
  const id = await m.start(config)
  const { stdout } = await m.exec(id, ['cat', '/proc/self/status'])
  return names.map((name) => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(stdout)![1]!)
}

describe('the status of a process', () => {
  it('shows the capabilities that containerd gives, those that are added and dropped, and all for a privileged one', async () => {
    const m = await makeMachine()
    expect(await status(m, {}, 'CapPrm', 'CapEff', 'CapBnd')).toEqual(['00000000a80425fb', '00000000a80425fb', '00000000a80425fb'])
    expect(await status(m, { user: 1000 }, 'CapEff', 'CapBnd')).toEqual(['0000000000000000', '00000000a80425fb'])
    const capabilities = { drop: ['ALL'], add: ['NET_BIND_SERVICE'] }
    expect(await status(m, { capabilities }, 'CapEff')).toEqual(['0000000000000400'])
    expect(await status(m, { privileged: true }, 'CapEff')).toEqual(['000001ffffffffff'])
  })

  it('shows whether privileges can be gained, and whether system calls are filtered', async () => {
    const m = await makeMachine()
    expect(await status(m, {}, 'NoNewPrivs', 'Seccomp')).toEqual(['0', '0'])
    expect(await status(m, { noNewPrivileges: true, seccomp: true }, 'NoNewPrivs', 'Seccomp')).toEqual(['1', '2'])
    expect(await status(m, { privileged: true, seccomp: true }, 'Seccomp')).toEqual(['0'])
  })
})

it('a process shows how readily it is killed for want of memory', async () => {
  const m = await makeMachine()
  const score = async (config: Partial<ContainerConfig>): Promise<string> =>
    (await m.exec(await m.start(config), ['cat', '/proc/self/oom_score_adj'])).stdout
  expect(await score({})).toBe('0\n')
  expect(await score({ oomScoreAdj: -997 })).toBe('-997\n')
})

it('interfaces are made only by who may administer the network', async () => {
  const m = await makeMachine()
  const add = async (config: Partial<ContainerConfig>, name = 'dummy0'): Promise<object> =>
    m.exec(await m.start(config), ['ip', 'link', 'add', name, 'type', 'dummy'])
  expect(await add({})).toEqual({ stdout: '', stderr: 'ip: RTNETLINK answers: Operation not permitted\n', code: 2 })
  expect(await add({ privileged: true })).toEqual({ stdout: '', stderr: '', code: 0 })
  expect(await add({ capabilities: { add: ['NET_ADMIN'] } }, 'dummy1')).toEqual({ stdout: '', stderr: '', code: 0 })
  // The containers of a pod have one network.
  expect(await add({ privileged: true })).toEqual({ stdout: '', stderr: 'ip: RTNETLINK answers: File exists\n', code: 2 })
})

it('the users of a pod are those of the node, or with a user namespace a range of its own', async () => {
  const m = await makeMachine()
  const mapOf = async (sandboxId: string): Promise<string> => {
    const id = await m.runtime.createContainer(sandboxId, {
      name: 'main',
      image: 'busybox',
      command: ['sleep', '9'],
      env: [],
      mounts: [],
      ports: [],
      stdin: false,
      stdinOnce: false,
      tty: false,
      terminationMessagePath: '',
      terminationMessagePolicy: 'File',
    })
    await m.runtime.startContainer(id)
    return (await m.exec(id, ['cat', '/proc/self/uid_map'])).stdout
  }
  const sandbox = async (name: string): Promise<string> =>
    (
      await m.runtime.runPodSandbox({
        namespace: 'default',
        name,
        uid: name,
        node: 'minikube',
        hostname: name,
        hosts: '',
        resolvConf: '',
        hostNetwork: false,
        ownUsers: true,
      })
    ).id
  expect(await mapOf(m.sandboxId)).toBe('         0          0 4294967295\n')
  expect(await mapOf(await sandbox('one'))).toBe('         0      65536      65536\n')
  expect(await mapOf(await sandbox('two'))).toBe('         0     131072      65536\n')
})

it('a runtime that the node does not have runs no sandbox', async () => {
  const m = await makeMachine()
  const config = {
    namespace: 'default',
    name: 'p',
    uid: 'p',
    node: 'minikube',
    hostname: 'p',
    hosts: '',
    resolvConf: '',
    hostNetwork: false,
  }
  await expect(m.runtime.runPodSandbox({ ...config, runtimeHandler: 'gvisor' })).rejects.toThrow(
    'rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "gvisor" is configured',
  )
  expect((await m.runtime.runPodSandbox({ ...config, runtimeHandler: 'runc' })).ip).toBe('10.244.0.3')
})

it("a volume that is given to a group stays the group's, whatever is made in it", async () => {
  const m = await makeMachine()
  const volume = m.runtime.createVolume()
  volume.giveToGroup!(123)
  const id = await m.start({ user: 1000, supplementalGroups: [123], mounts: [{ volume, containerPath: '/data', readOnly: false }] })
  const script = 'umask 022; mkdir /data/d; echo x > /data/d/f; ln -s f /data/d/l; stat -c "%n %A %u %g" /data /data/d /data/d/f /data/d/l'
  expect((await m.exec(id, ['sh', '-c', script])).stdout).toBe(
    '/data drwxrwsrwx 0 123\n/data/d drwxr-sr-x 1000 123\n/data/d/f -rw-r--r-- 1000 123\n/data/d/l lrwxrwxrwx 1000 123\n',
  )
})

it('a process of a user without privileges reaches what it has open by /dev/fd and /dev/stdout, and reads its own environment', async () => {
  const m = await makeMachine()
  const id = await m.start({ image: 'debian', user: 1000 })
  const run = (line: string) => m.exec(id, ['bash', '-c', line])
  expect(
    await run('cat <(echo a); echo b > /dev/stdout; echo c | cat /dev/stdin; comm -12 <(echo d) <(echo d); ls -ld /proc/self/fd'),
  ).toEqual({
    stdout: expect.stringMatching(/^a\nb\nc\nd\ndr-x------ 2 1000 root 0 .* \/proc\/self\/fd\n$/),
    stderr: '',
    code: 0,
  })
  expect((await run("X=1 sh -c \"tr '\\\\0' '\\\\n' < /proc/self/environ\" | grep ^X")).stdout).toBe('X=1\n')
})
