import { beforeEach, describe, expect, test } from 'vitest'
import { Machine } from './machine.js'

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})

describe('luksa/kubia', () => {
  test('says who it is and logs each request', async () => {
    const kubia = await machine.run('luksa/kubia')
    expect(await kubia.get('/', { port: 8080 })).toMatchObject({ status: 200, body: "You've hit pod-1\n" })
    await kubia.get('/favicon.ico', { port: 8080 })
    expect(await kubia.log()).toBe(
      'Kubia server starting...\nReceived request from ::ffff:10.244.1.2\nReceived request from ::ffff:10.244.1.2\n',
    )
  })

  test('has no handler for SIGTERM, so it takes its whole grace period', async () => {
    const kubia = await machine.run('luksa/kubia:latest')
    expect(await kubia.stop(30)).toBe(137)
    await expect(machine.client.connect(kubia.ip, 8080)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('can be entered: shell, script, curl of itself', async () => {
    const kubia = await machine.run('luksa/kubia')
    expect((await kubia.exec('bash', '-c', 'echo $HOSTNAME; read -r line < app.js; echo "$line"')).stdout).toBe(
      "pod-1\nconst http = require('http');\n",
    )
    expect((await kubia.exec('curl', '-s', 'localhost:8080')).stdout).toBe("You've hit pod-1\n")
    expect((await kubia.exec('node', '--version')).stdout).toBe('v7.9.0\n')
  })

  test('uses CPU by its requests', async () => {
    const kubia = await machine.run('luksa/kubia')
    const before = machine.runtime.containerStats(kubia.id)!.cpuNanos
    for (let i = 0; i < 20; i++) await kubia.get('/', { port: 8080 })
    const used = (machine.runtime.containerStats(kubia.id)!.cpuNanos - before) / 1e6
    expect(used).toBeGreaterThan(6)
    expect(used).toBeLessThan(12)
  })

  test('in a second version says so', async () => {
    const kubia = await machine.run('luksa/kubia:v2')
    expect((await kubia.get('/', { port: 8080 })).body).toBe('This is v2 running in pod pod-1\n')
  })
})

test('luksa/kubia-unhealthy answers five requests and is not well from then on', async () => {
  const kubia = await machine.run('luksa/kubia-unhealthy')
  const answers = []
  for (let i = 0; i < 7; i++) answers.push(await kubia.get('/', { port: 8080 }))
  expect(answers.map((a) => a.status)).toEqual([200, 200, 200, 200, 200, 500, 500])
  expect(answers[6]!.body).toBe("I'm not well. Please restart me!")
})

describe('a placeholder', () => {
  test('listens on the declared ports and says for whom it stands', async () => {
    const box = await machine.run('example.com/team/app:1.0', {
      command: ['python', 'app.py'],
      ports: [
        { containerPort: 5000, protocol: 'TCP' },
        { containerPort: 5001, protocol: 'TCP' },
      ],
    })
    expect(await box.get('/x', { port: 5001 })).toMatchObject({ status: 200, body: 'pod-1 stands in for example.com/team/app:1.0\n' })
    expect(await box.log()).toBe(
      'The embedded cluster does not know example.com/team/app:1.0; this placeholder runs instead. Listening on ports 5000, 5001.\n10.244.1.2 GET /x\n',
    )
    expect((await box.exec('sh', '-c', 'echo hi')).stdout).toBe('hi\n')
    expect(await box.stop()).toBe(0)
  })
})

test('busybox runs a shell that ends without input', async () => {
  const box = await machine.run('busybox', { command: ['sh', '-c', 'echo from busybox; sleep 1000'] })
  expect(await box.log()).toBe('from busybox\n')
  expect((await box.exec('wget', '-q', '-O', '-', 'http://127.0.0.1/')).code).toBe(1)
})

test('pause holds on until it is told to stop', async () => {
  const box = await machine.run('registry.k8s.io/pause:3.10')
  expect(await box.stop()).toBe(0)
})
