import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import { Random } from '../../src-main/cluster/random.js'
import { TestCluster } from '../kubectl/support/cluster.js'
import { requester } from '../kubectl/support/requests.js'

const ROUNDS = 20
const WRITES = 200

/** What a client knows of one ConfigMap: the last write that was acknowledged, and those that were under way. */
interface Known {
  acknowledged: string | undefined
  /** Values whose answer never came; any of them may have been stored. `undefined` stands for a delete. */
  possible: Set<string | undefined>
}

it(
  `no acknowledged write is lost when the process is killed during ${WRITES} random writes, ${ROUNDS} times over`,
  async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-kill-'))
    const known = new Map<string, Known>()
    let lastRevision = 0
    let cluster = await TestCluster.start({ directory, args: ['--nodes', '1', '--seed', '7'] })
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const random = new Random(`round ${round}`)
        const request = requester(cluster.kubeconfig, { connections: 8 })
        const killAfter = 1 + random.int(WRITES - 1)
        let answered = 0
        let killed = false

        const write = async (i: number): Promise<void> => {
          const name = `item-${random.int(40)}-${i % 8}`
          const value = `${round}.${i}.${random.hex(random.int(400))}`
          const before = known.get(name) ?? { acknowledged: undefined, possible: new Set<string | undefined>() }
          known.set(name, before)
          const remove = before.acknowledged !== undefined && before.possible.size === 0 && random.int(5) === 0
          const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } }
          const base = '/api/v1/namespaces/default/configmaps'
          before.possible.add(remove ? undefined : value)
          try {
            let answer = remove ? await request('DELETE', `${base}/${name}`) : await request('PUT', `${base}/${name}`, body)
            if (!remove && answer.code === 404) answer = await request('POST', base, body)
            if (answer.code >= 300) throw new Error(`${answer.code} ${answer.text}`)
            before.acknowledged = remove ? undefined : value
            before.possible.clear()
            const revision = Number(answer.json?.metadata?.resourceVersion ?? 0)
            if (revision) lastRevision = Math.max(lastRevision, revision)
          } catch (error) {
            if (!killed) throw error
            return
          }
          if (++answered === killAfter) {
            killed = true
            cluster.child.kill('SIGKILL')
          }
        }
        // Eight writers, each with names of its own, so that the order of its writes is known.
        await Promise.all(
          Array.from({ length: 8 }, async (_, w) => {
            for (let i = w; i < WRITES && !killed; i += 8) await write(i)
          }),
        )
        request.close()
        await cluster.stop({ keep: true, signal: 'SIGKILL' })

        cluster = await TestCluster.start({ directory })
        const check = requester(cluster.kubeconfig)
        const list = await check('GET', '/api/v1/namespaces/default/configmaps')
        expect(list.code).toBe(200)
        const stored = new Map<string, string>(
          (list.json.items as { metadata: { name: string }; data?: { value: string } }[]).map((o) => [
            o.metadata.name,
            o.data?.value ?? '',
          ]),
        )
        for (const [name, k] of known) {
          const allowed = [k.acknowledged, ...k.possible]
          expect(allowed, `${name} in round ${round}`).toContain(stored.get(name))
          k.acknowledged = stored.get(name)
          k.possible.clear()
        }
        expect(Number(list.json.metadata.resourceVersion)).toBeGreaterThanOrEqual(lastRevision)
        check.close()
      }
    } finally {
      await cluster.stop()
    }
  },
  ROUNDS * 20_000,
)

it('a cluster that was stopped comes back with its objects, its running pods and its certificates', async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-restart-'))
  let cluster = await TestCluster.start({ directory })
  try {
    cluster.ok('create deployment web --image=nginx --replicas=2')
    cluster.ok('rollout status deployment/web --timeout=60s')
    const what = [
      'get',
      'pods',
      '-l',
      'app=web',
      '-o',
      'jsonpath={range .items[*]}{.metadata.uid} {.status.phase} {.status.podIP} {.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].containerID}{"\\n"}{end}',
    ]
    const before = cluster.ok(what)
    const server = cluster.server
    const config = fs.readFileSync(cluster.kubeconfig, 'utf8')
    expect(await cluster.stop({ keep: true })).toBe(0)

    cluster = await TestCluster.start({ directory })
    expect(cluster.server).toBe(server)
    expect(fs.readFileSync(cluster.kubeconfig, 'utf8')).toBe(config)
    expect(cluster.ok(what)).toBe(before)
    const pod = cluster.ok('get pods -l app=web -o name').split('\n')[0]!
    expect(cluster.ok(['exec', pod, '--', 'hostname'])).toBe(`${pod.slice('pod/'.length)}\n`)
  } finally {
    await cluster.stop()
  }
})

it('a second process on the same directory is refused, and says which process has it', async () => {
  const cluster = await TestCluster.start({ args: ['--nodes', '1'] })
  try {
    await expect(TestCluster.start({ directory: cluster.directory })).rejects.toThrow(
      `${cluster.directory} is in use by process ${cluster.child.pid}; stop that one first, or choose another directory with --data`,
    )
  } finally {
    await cluster.stop()
  }
})
