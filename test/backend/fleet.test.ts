import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ClusterFleet, reportCrashes } from '../../src-main/backend/embedded/fleet.js'
import type { SpawnedProcess } from '../../src-main/backend/embedded/supervisor.js'

let data: string
let spawned: { args: string[]; print(line: string): void; exit(code: number): void }[]
let fleet: ClusterFleet

/** A cluster program that ends when it is asked to. */
function spawn(args: string[]): SpawnedProcess {
  const lines: ((line: string, stream: 'stdout' | 'stderr') => void)[] = []
  const exits: ((code: number | null) => void)[] = []
  const exit = (code: number): void => exits.splice(0).forEach((e) => e(code))
  spawned.push({ args, print: (line) => lines.forEach((l) => l(line, 'stdout')), exit })
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
