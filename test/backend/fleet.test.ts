import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClusterFleet, reportCrashes } from '../../src-main/backend/embedded/fleet.js'
import type { SpawnedProcess } from '../../src-main/backend/embedded/supervisor.js'

let data: string
let spawned: { args: string[]; print(line: string, stream?: 'stdout' | 'stderr'): void; exit(code: number): void }[]
let fleet: ClusterFleet

/** A cluster program that ends when it is asked to. */
function spawn(args: string[]): SpawnedProcess {
  const lines: ((line: string, stream: 'stdout' | 'stderr') => void)[] = []
  const exits: ((code: number | null) => void)[] = []
  const exit = (code: number): void => exits.splice(0).forEach((e) => e(code))
  spawned.push({ args, print: (line, stream = 'stdout') => lines.forEach((l) => l(line, stream)), exit })
  fs.mkdirSync(args[args.indexOf('--data') + 1]!, { recursive: true })
  return { onLine: (l) => void lines.push(l), onExit: (e) => void exits.push(e), stop: () => exit(0), kill: () => exit(137) }
}
const phases = (): string[] => fleet.states().map((s) => `${s.name} ${s.phase}`)

beforeEach(() => {
  data = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-fleet-'))
  spawned = []
  fleet = new ClusterFleet(data, spawn)
})
afterEach(async () => {
  await fleet.close()
  fs.rmSync(data, { recursive: true })
})

it('makes the first cluster when there is none, and each further one with its nodes and seed', async () => {
  fleet.startAll('drydock')
  await fleet.create({ name: 'lab', nodes: 5, seed: 7 })
  expect(phases()).toEqual(['drydock starting', 'lab starting'])
  const directory = path.join(data, 'clusters/lab')
  expect(spawned[1]!.args.join(' ')).toBe(
    `--name lab --data ${directory} --kubeconfig ${path.join(directory, 'kubeconfig')} --nodes 5 --seed 7`,
  )
})

it('refuses a name that is taken or cannot be one', async () => {
  fleet.startAll('drydock')
  await expect(fleet.create({ name: 'drydock' })).rejects.toThrow('There is an embedded cluster "drydock" already.')
  await expect(fleet.create({ name: '../x' })).rejects.toThrow('"../x" is not a name for a cluster')
  await expect(fleet.create({ name: 'big', nodes: 0 })).rejects.toThrow('A cluster has from 1 to 5000 nodes.')
  expect(phases()).toEqual(['drydock starting'])
})

it('what a person stopped stays stopped when the app starts again, and its context stays known', async () => {
  fleet.startAll('drydock')
  await fleet.create({ name: 'lab' })
  await fleet.stop('lab')
  await fleet.close()
  fleet = new ClusterFleet(data, spawn)
  fleet.startAll('drydock')
  expect(phases()).toEqual(['drydock starting', 'lab stopped'])
  expect(fleet.states()[1]!.kubeconfig).toBe(path.join(data, 'clusters/lab/kubeconfig'))
  await fleet.start('lab')
  expect(phases()).toEqual(['drydock starting', 'lab starting'])
})

it('one that is removed leaves nothing behind', async () => {
  fleet.startAll('drydock')
  await fleet.create({ name: 'lab' })
  await fleet.remove('lab')
  expect(phases()).toEqual(['drydock starting'])
  expect(fs.readdirSync(path.join(data, 'clusters'))).toEqual(['drydock'])
  await expect(fleet.start('lab')).rejects.toThrow('There is no embedded cluster "lab".')
})

it('a crash is told once', () => {
  const told: string[] = []
  const listener = reportCrashes((line) => told.push(line))
  const crashed = { name: 'lab', phase: 'crashed' as const, error: 'disk full' }
  listener([crashed])
  listener([crashed])
  listener([{ name: 'lab', phase: 'starting' }])
  listener([crashed])
  expect(told).toEqual(Array(2).fill('the embedded cluster "lab" stopped: disk full'))
})

describe('snapshots', () => {
  const directory = (name = 'drydock') => path.join(data, 'clusters', name)
  const last = () => spawned.at(-1)!
  const told = (name = 'drydock') => {
    const { phase, doing, snapshots } = fleet.states().find((s) => s.name === name)!
    return [phase, doing, snapshots?.map((s) => s.name)]
  }
  /** What the cluster program leaves behind when it has taken one. */
  function taken(name: string, takenAt = 1000, cluster = 'drydock'): void {
    const folder = path.join(directory(cluster), 'snapshots', name)
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(path.join(folder, 'snapshot.json'), JSON.stringify({ takenAt, clusterTime: 500, revision: 7, bytes: 4096 }))
  }

  it('are taken by a process of their own while the cluster goes on, and told when they are there', async () => {
    fleet.startAll('drydock')
    spawned[0]!.print('ready https://127.0.0.1:1 kubeconfig k')
    const done = fleet.snapshot('drydock', 'before')
    expect(last().args).toEqual(['--name', 'drydock', '--data', directory(), '--snapshot', 'before'])
    expect(told()).toEqual(['ready', 'snapshot', []])
    taken('before')
    last().exit(0)
    await done
    expect(told()).toEqual(['ready', undefined, ['before']])
    expect(fleet.states()[0]!.snapshots).toEqual([{ name: 'before', takenAt: 1000, clusterTime: 500, bytes: 4096 }])
  })

  it('are listed newest first, without what a crash left half done', () => {
    taken('old', 1000)
    taken('new', 2000)
    taken('.half.partial', 3000)
    fleet.startAll('drydock')
    expect(told()[2]).toEqual(['new', 'old'])
  })

  it('have a name of their own', async () => {
    taken('before')
    fleet.startAll('drydock')
    await expect(fleet.snapshot('drydock', 'before')).rejects.toThrow('There is a snapshot "before" of "drydock" already.')
    await expect(fleet.snapshot('drydock', '../x')).rejects.toThrow('"../x" is not a name for a snapshot')
    expect(spawned).toHaveLength(1)
  })

  it('that cannot be taken say why', async () => {
    fleet.startAll('drydock')
    const done = fleet.snapshot('drydock', 'before')
    last().print('ENOSPC: no space left on device', 'stderr')
    last().exit(1)
    await expect(done).rejects.toThrow('ENOSPC: no space left on device')
    expect(told()).toEqual(['starting', undefined, []])
  })

  it('are restored while the cluster stands still, which then runs again; nothing else is done meanwhile', async () => {
    taken('before')
    fleet.startAll('drydock')
    spawned[0]!.print('ready https://127.0.0.1:1 kubeconfig k')
    const done = fleet.restore('drydock', 'before')
    await Promise.resolve()
    expect(told()).toEqual(['stopped', 'restore', ['before']])
    expect(last().args).toEqual(['--name', 'drydock', '--data', directory(), '--restore', 'before'])
    await expect(fleet.start('drydock')).rejects.toThrow('A snapshot of "drydock" is being restored.')
    await expect(fleet.remove('drydock')).rejects.toThrow('A snapshot of "drydock" is being restored.')
    last().exit(0)
    await done
    expect(told()).toEqual(['starting', undefined, ['before']])
    expect(spawned).toHaveLength(3)
  })

  it('leave a cluster stopped that was, and one running whose snapshot could not be restored', async () => {
    taken('before')
    fleet.startAll('drydock')
    const failing = fleet.restore('drydock', 'before')
    await Promise.resolve()
    last().print('cannot read it', 'stderr')
    last().exit(1)
    await expect(failing).rejects.toThrow('cannot read it')
    expect(told()[0]).toBe('starting')
    await fleet.stop('drydock')
    const done = fleet.restore('drydock', 'before')
    await Promise.resolve()
    last().exit(0)
    await done
    expect(told()[0]).toBe('stopped')
    await expect(fleet.restore('drydock', 'none')).rejects.toThrow('There is no snapshot "none" of "drydock".')
  })

  it('are deleted with all they hold', async () => {
    taken('before')
    fleet.startAll('drydock')
    await fleet.removeSnapshot('drydock', 'before')
    expect(told()[2]).toEqual([])
    expect(fs.readdirSync(path.join(directory(), 'snapshots'))).toEqual([])
  })

  it('are what a new cluster can begin from', async () => {
    taken('before')
    fleet.startAll('drydock')
    await fleet.create({ name: 'copy', from: { cluster: 'drydock', snapshot: 'before' } })
    expect(last().args.slice(-2)).toEqual(['--from', path.join(directory(), 'snapshots', 'before')])
    await expect(fleet.create({ name: 'other', from: { cluster: 'drydock', snapshot: 'none' } })).rejects.toThrow(
      'There is no snapshot "none" of "drydock".',
    )
    expect(fleet.states().map((s) => s.name)).toEqual(['copy', 'drydock'])
  })
})
