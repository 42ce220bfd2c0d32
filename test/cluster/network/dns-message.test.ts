/** DNS on the wire, as a program in a pod asks CoreDNS. */
import { beforeEach, describe, expect, test } from 'vitest'
import { attachDns } from '../../../src-main/cluster/network/dns.js'
import { answerMessage } from '../../../src-main/cluster/network/dns-message.js'
import { Machine, type Box } from '../images/machine.js'
import { FakeInformers } from './informers.js'

let machine: Machine
let coredns: Box
let names: NonNullable<Box['net']['names']>

beforeEach(async () => {
  machine = new Machine()
  const volume = machine.runtime.createVolume()
  volume.replaceFiles({ Corefile: { data: '.:53 {\n  kubernetes cluster.local in-addr.arpa {\n    ttl 30\n  }\n}\n', mode: 0o644 } })
  coredns = await machine.run('registry.k8s.io/coredns/coredns:v1.14.2', {
    args: ['-conf', '/etc/coredns/Corefile'],
    mounts: [{ volume, containerPath: '/etc/coredns', readOnly: true }],
  })
  const informers = new FakeInformers()
  informers.service('web', { clusterIP: '10.96.0.50', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] })
  informers.service('many', { clusterIP: 'None', ports: [{ port: 80, protocol: 'TCP' }] })
  const endpoints = Array.from({ length: 40 }, (_, i) => ({ addresses: [`10.244.7.${i + 1}`], conditions: { ready: true } }))
  informers.slice('many', [{ port: 80, protocol: 'TCP' }], endpoints)
  attachDns({ network: machine.network, informers, address: '10.96.0.10' })
  names = machine.network.names!
})

/** A question with the id 0x1234, as hexadecimal digits. */
function question(name: string, type: number, extra = ''): Buffer {
  const labels = name
    .split('.')
    .filter(Boolean)
    .map((l) => Buffer.concat([Buffer.of(l.length), Buffer.from(l)]))
  const counts = extra ? '0001000000000001' : '0001000000000000'
  const body = Buffer.concat([...labels, Buffer.of(0, 0, type, 0, 1)])
  return Buffer.concat([Buffer.from(`12340100${counts}`, 'hex'), body, Buffer.from(extra, 'hex')])
}

const answer = async (asked: Buffer, stream = false): Promise<string> => (await answerMessage(names, asked, stream))!.toString('hex')
const name = (text: string): string => question(text, 1).subarray(12, -4).toString('hex')

describe('a question', () => {
  const web = 'web.default.svc.cluster.local'

  test('for an address has it, with the authority of the zone and no recursion', async () => {
    expect(await answer(question(web, 1))).toBe(`123485000001000100000000${name(web)}00010001${name(web)}000100010000001e00040a600032`)
  })

  test('for an IPv6 address of a service of IPv4 has none, and the SOA of the zone', async () => {
    const soa = `${name('cluster.local')}000600010000001e`
    expect((await answer(question(web, 28))).replace(/(?<=686f73746d6173746572\w*)[0-9a-f]{40}$/, '')).toContain(
      `123485000001000000010000${name(web)}001c0001${soa}`,
    )
  })

  test('for a port is answered with priority, weight, port and target', async () => {
    const asked = '_http._tcp.web.default.svc.cluster.local'
    const address = `${name(web)}000100010000001e00040a600032`
    expect((await answer(question(asked, 33))).slice(0, 24)).toBe('123485000001000100000001')
    expect((await answer(question(asked, 33))).endsWith(`002100010000001e${'0025'}000000640050${name(web)}${address}`)).toBe(true)
  })

  test('for an address is answered backwards', async () => {
    const asked = '50.0.96.10.in-addr.arpa'
    expect(await answer(question(asked, 12))).toContain(`000c00010000001e001f${name(web)}`)
  })

  test('for an IPv6 address of a name that has one is answered with its sixteen bytes', async () => {
    const hosts = { query: () => [{ name: 'six.', type: 'AAAA' as const, ttl: 30, data: 'fd00::1:2' }] }
    const message = await answerMessage(hosts, question('six', 28), false)
    expect(message!.toString('hex').slice(-36)).toBe('0010fd000000000000000000000000010002')
  })

  test('for what is not there says so', async () => {
    expect((await answer(question('nobody.default.svc.cluster.local', 1))).slice(0, 24)).toBe('123485030001000000010000')
    expect((await answer(question('example.com', 1))).slice(0, 24)).toBe('123481030001000000000000')
  })

  test('with an answer too long for a datagram is told to come by TCP, unless it has room', async () => {
    const many = question('many.default.svc.cluster.local', 1)
    expect((await answer(many)).slice(0, 24)).toBe('123487000001000000000000')
    expect((await answer(many, true)).slice(0, 24)).toBe('123485000001002800000000')
    const roomy = question('many.default.svc.cluster.local', 1, '0000291000000000000000')
    expect((await answer(roomy)).slice(0, 24)).toBe('123485000001002800000001')
  })

  test('that is none, or cut off, or points in circles, harms nobody', async () => {
    expect(await answerMessage(names, Buffer.from('12'), false)).toBeUndefined()
    expect(await answerMessage(names, Buffer.from('123480000001000000000000', 'hex'), false)).toBeUndefined()
    expect(await answer(Buffer.from('123401000001000000000000c00c00010001', 'hex'))).toBe('123481010000000000000000')
    expect(await answer(Buffer.from('12340100000100000000000005616263', 'hex'))).toBe('123481010000000000000000')
    expect(await answer(Buffer.from('123428000001000000000000', 'hex'))).toBe('1234a8040000000000000000')
  })
})

describe('CoreDNS', () => {
  test('answers on port 53 by UDP', async () => {
    const answers: string[] = []
    const socket = machine.client.bindUdp(0, (data, from) => answers.push(`${from.port} ${Buffer.from(data).toString('hex')}`))
    socket.send(question('web.default.svc.cluster.local', 1), 53, coredns.ip)
    await machine.clock.settle()
    expect(answers).toEqual([`53 ${await answer(question('web.default.svc.cluster.local', 1))}`])
  })

  test('answers on port 53 by TCP, several questions in one connection, however they are cut', async () => {
    const asked = question('web.default.svc.cluster.local', 1)
    const framed = Buffer.concat([Buffer.of(0, asked.length), asked])
    const connecting = machine.client.connect(coredns.ip, 53)
    await machine.clock.settle()
    const connection = await connecting
    let got = ''
    connection.on('data', (data: Buffer) => (got += data.toString('hex')))
    connection.write(framed.subarray(0, 7))
    await machine.clock.settle()
    connection.write(Buffer.concat([framed.subarray(7), framed]))
    await machine.clock.settle()
    const one = await answer(asked)
    const length = (one.length / 2).toString(16).padStart(4, '0')
    expect(got).toBe(`${length}${one}${length}${one}`)
    connection.destroy()
  })
})
