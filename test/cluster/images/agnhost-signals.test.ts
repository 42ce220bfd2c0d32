/** How agnhost's servers end, and those of its subcommands that use the machine up. */
import { beforeEach, describe, expect, test } from 'vitest'
import { Machine } from './machine.js'

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

describe('a server of agnhost', () => {
  test.each(['netexec', 'nettest', 'liveness', 'fake-gitserver', 'porter'])(
    'that is process 1 ends with 2 on SIGTERM: %s',
    async (name) => {
      const box = await machine.run(AGNHOST, { args: [name] })
      expect(await box.stop()).toBe(2)
    },
  )

  test.each(['netexec', 'nettest', 'liveness', 'fake-gitserver', 'porter'])('that a shell started dies of SIGTERM: %s', async (name) => {
    const box = await machine.run(AGNHOST, { command: ['sh', '-c', `/agnhost ${name} & wait $!; echo $?`] })
    await box.exec('pkill', '-TERM', '-x', 'agnhost')
    expect((await box.log('Stdout')).trim()).toBe('143')
  })

  test('that is given time to end takes it, whoever started it', async () => {
    const box = await machine.run(AGNHOST, { command: ['sh', '-c', '/agnhost netexec --delay-shutdown=5 & wait $!; echo $?'] })
    await box.exec('pkill', '-TERM', '-x', 'agnhost')
    expect(await box.log('Stdout')).toBe('')
    await machine.clock.advance(5_000)
    expect(await box.log('Stdout')).toBe('0\n')
  })
})

describe('agnhost stress', () => {
  const stats = (id: string): { cpuNanos: number; memoryBytes: number } => machine.runtime.containerStats(id)!

  test('takes memory in steps and holds it', async () => {
    const args = ['stress', '--mem-total=150Mi', '--mem-alloc-size=10Mi', '--mem-alloc-sleep=1s']
    const box = await machine.run(AGNHOST, { args })
    await machine.clock.advance(4_500)
    expect(Math.floor(stats(box.id).memoryBytes / 2 ** 20 / 10) * 10).toBe(60)
    await machine.clock.advance(60_000)
    expect(Math.floor(stats(box.id).memoryBytes / 2 ** 20 / 10) * 10).toBe(150)
    expect(await box.log()).toBe(
      'I1121 09:17:00.000000       1 stress.go:67] Allocating "150Mi" memory, in "10Mi" chunks, with a 1s sleep between allocations\n' +
        'I1121 09:17:15.000000       1 stress.go:70] Allocated "150Mi" memory\n',
    )
    expect(await box.stop()).toBe(2)
  })

  test('uses as many CPUs as it is told to', async () => {
    const box = await machine.run(AGNHOST, { args: ['stress', '--cpus=2'] })
    const before = stats(box.id).cpuNanos
    await machine.clock.advance(10_000)
    expect((stats(box.id).cpuNanos - before) / 1e9).toBeCloseTo(20, 0)
  })
})

test('agnhost resource-consumer uses what it is asked to', async () => {
  const box = await machine.run(AGNHOST, { args: ['resource-consumer', '--port=8088'] })
  const answer = await box.get('/ConsumeMem?megabytes=50&durationSec=5', { port: 8088, method: 'POST' })
  expect(answer.body).toBe('ConsumeMem\n50 megabytes\n5 durationSec\n')
})
