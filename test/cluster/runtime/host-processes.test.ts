import { beforeEach, describe, expect, it } from 'vitest'
import { containerConfig, makeMachine, type Machine } from './machine.js'

/** A machine with a usual pod that sleeps, and a pod with the processes of the node (`hostPID: true`). */
let m: Machine
let usual: string
let host: string

beforeEach(async () => {
  m = await makeMachine()
  usual = await m.start({ command: ['sh', '-c', 'sleep 1000; true'] })
  host = await inNode('host', ['sleep', '5000'])
})

async function inNode(name: string, command: string[], node = 'minikube'): Promise<string> {
  const pod = { namespace: 'default', name, uid: name, node, hostname: name, hosts: '', resolvConf: '', hostNetwork: false, hostPID: true }
  const { id: sandbox } = await m.runtime.runPodSandbox(pod)
  const id = await m.runtime.createContainer(sandbox, containerConfig({ command }))
  await m.runtime.startContainer(id)
  await m.clock.settle()
  return id
}

/** What `ps` says, as `PPID ARGUMENTS` by pid. */
async function processes(id: string): Promise<Map<string, string>> {
  const { stdout } = await m.exec(id, ['ps', '-o', 'pid,ppid,args'])
  const lines = stdout.trimEnd().split('\n').slice(1)
  return new Map(lines.map((line) => /^ *(\d+) +(\d+) (.*)$/.exec(line)!).map(([, pid, ppid, args]) => [pid!, `${ppid} ${args}`]))
}
const pidOf = (list: Map<string, string>, args: string): string => [...list].find(([, line]) => line.endsWith(` ${args}`))![0]

describe('a container with the processes of its node', () => {
  it('sees the system, containerd, the kubelet, and the processes of all pods under those of containerd', async () => {
    const list = await processes(host)
    const system = [...list.values()].slice(0, 4).map((line) => line.split(' ').slice(0, 2).join(' '))
    expect(system).toEqual(['0 /sbin/init', '1 /lib/systemd/systemd-journald', '1 /usr/bin/containerd', '1 /usr/bin/kubelet'])
    const shim = pidOf(
      list,
      `/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${m.sandboxId} -address /run/containerd/containerd.sock`,
    )
    const shell = pidOf(list, 'sh -c sleep 1000; true')
    expect(list.get(shell)).toBe(`${shim} sh -c sleep 1000; true`)
    expect(list.get(pidOf(list, 'sleep 1000'))).toBe(`${shell} sleep 1000`)
    expect([...list.values()].filter((line) => line.endsWith(' /pause'))).toHaveLength(2)
  })

  it('has its first process, and what is executed in it, under the shim of its own pod', async () => {
    const list = await processes(host)
    const parentOf = (args: string): string => list.get(pidOf(list, args))!.split(' ')[0]!
    expect(list.get(parentOf('sleep 5000'))).toContain('/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id ')
    expect(parentOf('ps -o pid,ppid,args')).toBe(parentOf('sleep 5000'))
    expect(parentOf('sleep 5000')).not.toBe(parentOf('sh -c sleep 1000; true'))
    expect((await m.exec(host, ['sh', '-c', 'echo $PPID'])).stdout).toBe(`${parentOf('sleep 5000')}\n`)
  })

  it('knows itself and others by the pids of the node, which stay as they are', async () => {
    const list = await processes(host)
    expect((await m.exec(host, ['pidof', 'sleep'])).stdout.trim().split(' ').sort()).toEqual(
      [pidOf(list, 'sleep 5000'), pidOf(list, 'sleep 1000')].sort(),
    )
    const shell = pidOf(list, 'sh -c sleep 1000; true')
    expect(pidOf(await processes(host), 'sh -c sleep 1000; true')).toBe(shell)
    expect((await m.exec(host, ['sh', '-c', `tr '\\0' ' ' < /proc/${shell}/cmdline; grep PPid /proc/${shell}/status`])).stdout).toBe(
      `sh -c sleep 1000; true PPid:\t${list.get(shell)!.split(' ')[0]}\n`,
    )
    expect((await m.exec(host, ['cat', '/proc/1/root/etc/hostname'])).stdout).toBe('minikube\n')
  })

  it('is not seen by a usual container, which has a first process of its own', async () => {
    expect([...(await processes(usual)).keys()].slice(0, 2)).toEqual(['1', '2'])
    expect((await m.exec(usual, ['pidof', 'sleep'])).stdout).toBe('2\n')
  })

  it('ends other containers from outside of their namespace, and what it ends of the system starts again', async () => {
    const list = await processes(host)
    await m.exec(host, ['kill', '-9', pidOf(list, 'sh -c sleep 1000; true')])
    await m.clock.settle()
    expect(m.runtime.containerInfo(usual)).toMatchObject({ state: 'exited', exitCode: 137 })
    const kubelet = [...list].find(([, line]) => line.startsWith('1 /usr/bin/kubelet'))!
    await m.exec(host, ['kill', '-9', kubelet[0]])
    const after = await processes(host)
    expect([after.has(kubelet[0]), [...after.values()].includes(kubelet[1])]).toEqual([false, true])
    expect([...after.values()].some((line) => line.endsWith(' sleep 1000'))).toBe(false)
  })

  it('shares them with other such pods, and leaves them when its pod ends', async () => {
    const other = await inNode('other', ['sleep', '7000'])
    expect(pidOf(await processes(host), 'sleep 7000')).toBe(pidOf(await processes(other), 'sleep 7000'))
    const { sandboxId } = m.runtime.containerInfo(other)!
    const stopping = m.runtime.stopPodSandbox(sandboxId)
    await m.clock.advance(1000)
    await stopping
    const left = [...(await processes(host)).values()].join('\n')
    expect([left.includes('sleep 7000'), left.includes(sandboxId), left.includes('/sbin/init')]).toEqual([false, false, true])
    expect(m.runtime.containerInfo(host)!.state).toBe('running')
  })
})
