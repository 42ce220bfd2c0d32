import { beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../src-main/cluster/api/object.js'
import { causes, created, refusal, row, ruleContext, updated, type Loose } from './support.js'

const service = (name: string, spec: Loose = {}): Loose => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: 'a' }, ports: [{ port: 80 }], ...spec },
})

let stored: KubeObject[]
let ctx: ReturnType<typeof ruleContext>
beforeEach(() => {
  stored = []
  ctx = ruleContext({ stored })
})

/** Creates a service as the server does, and stores it. */
function make(name: string, spec: Loose = {}): Loose {
  const { object, errors } = created(service(name, spec), ctx)
  expect(causes(errors)).toEqual([])
  stored.push(object)
  return object
}

describe('a cluster IP', () => {
  it('is taken from the upper part of 10.96.0.0/16', () => {
    const { spec } = make('a')
    expect(spec).toMatchObject({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', internalTrafficPolicy: 'Cluster' })
    expect(spec.clusterIPs).toEqual([spec.clusterIP])
    const [, , third] = spec.clusterIP.split('.').map(Number)
    expect([spec.clusterIP.startsWith('10.96.'), third >= 1]).toEqual([true, true])
  })

  it('is never given twice', () => {
    const all = Array.from({ length: 500 }, (_, i) => make(`s${i}`).spec.clusterIP)
    expect(new Set(all).size).toBe(500)
  })

  it('may be named, also in the lower part, unless it is taken or out of range', () => {
    expect(make('dns', { clusterIP: '10.96.0.10' }).spec).toMatchObject({ clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] })
    expect(refusal(() => created(service('other', { clusterIP: '10.96.0.10' }), ctx))).toBe(
      'Service "other" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated',
    )
    expect(refusal(() => created(service('far', { clusterIP: '10.0.0.1' }), ctx))).toBe(
      'Service "far" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: the provided IP (10.0.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16',
    )
  })

  it('is free again when its service is gone', async () => {
    make('dns', { clusterIP: '10.96.0.10' })
    stored.length = 0
    await ctx.clock.advance(10_001)
    expect(make('other', { clusterIP: '10.96.0.10' }).spec.clusterIP).toBe('10.96.0.10')
  })

  it('counts as taken while its service is on the way to the store', () => {
    created(service('dns', { clusterIP: '10.96.0.10' }), ctx)
    expect(refusal(() => created(service('other', { clusterIP: '10.96.0.10' }), ctx))).toContain('provided IP is already allocated')
  })

  it('is not taken by a dry run', () => {
    const dry = { ...ctx, dryRun: true }
    created(service('a', { clusterIP: '10.96.0.10' }), dry)
    expect(make('b', { clusterIP: '10.96.0.10' }).spec.clusterIP).toBe('10.96.0.10')
  })

  it('that is stored already is known to a server that starts', () => {
    make('dns', { clusterIP: '10.96.0.10' })
    const later = ruleContext({ stored })
    expect(refusal(() => created(service('other', { clusterIP: '10.96.0.10' }), later))).toContain('provided IP is already allocated')
  })

  it('is None for a headless service, and absent for an external name', () => {
    expect(make('headless', { clusterIP: 'None' }).spec).toMatchObject({ clusterIP: 'None', clusterIPs: ['None'] })
    expect(make('ext', { type: 'ExternalName', externalName: 'a.example.com', ports: undefined }).spec.clusterIP).toBeUndefined()
  })
})

describe('a node port', () => {
  it('is taken from the upper part of 30000-32767, one for both protocols of a port', () => {
    const { spec } = make('np', {
      type: 'NodePort',
      ports: [
        { name: 't', port: 53 },
        { name: 'u', port: 53, protocol: 'UDP' },
      ],
    })
    const [a, b] = spec.ports.map((p: Loose) => p.nodePort)
    expect([a === b, a >= 30086, a <= 32767]).toEqual([true, true, true])
  })

  it('that is named is refused when it is taken or out of range', () => {
    make('np', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] })
    const taken = service('other', { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] })
    expect(refusal(() => created(taken, ctx))).toBe(
      'Service "other" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    )
    const low = service('low', { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] })
    expect(refusal(() => created(low, ctx))).toBe(
      'Service "low" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    )
  })

  it('comes and goes with the type, and stays when an update leaves it out', () => {
    const old = make('s')
    const exposed = updated(old, (o) => (o.spec.type = 'NodePort'), ctx).object
    const port = exposed.spec.ports[0].nodePort
    expect(port).toBeGreaterThanOrEqual(30086)
    expect(exposed.spec.externalTrafficPolicy).toBe('Cluster')
    const again = updated(exposed, (o) => delete o.spec.ports[0].nodePort, ctx)
    expect([again.errors, again.object.spec.ports[0].nodePort]).toEqual([[], port])
    const back = updated(exposed, (o) => (o.spec.type = 'ClusterIP'), ctx)
    expect([back.errors, back.object.spec.ports[0].nodePort, back.object.spec.externalTrafficPolicy]).toEqual([[], undefined, undefined])
  })
})

describe('an update of a service', () => {
  it('keeps the cluster IP when it is left out', () => {
    const old = make('s')
    const { object, errors } = updated(old, (o) => {
      delete o.spec.clusterIP
      delete o.spec.clusterIPs
    })
    expect([errors, object.spec.clusterIP, object.spec.clusterIPs]).toEqual([[], old.spec.clusterIP, old.spec.clusterIPs])
  })

  it('may not change the cluster IP', () => {
    const old = make('s')
    const { errors } = updated(old, (o) => (o.spec.clusterIP = '10.96.9.9'), ctx)
    expect(errors).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set'])
  })

  it('to an external name gives the cluster IP back', () => {
    const old = make('s')
    const toName = (o: Loose): void => void Object.assign(o.spec, { type: 'ExternalName', externalName: 'a.example.com', clusterIP: '' })
    const { object, errors } = updated(old, (o) => (toName(o), delete o.spec.clusterIPs), ctx)
    expect([errors, object.spec.clusterIP, object.spec.clusterIPs]).toEqual([[], undefined, undefined])
  })
})

describe('the row of a service', () => {
  const cells = (spec: Loose, status: Loose = {}): unknown[] => {
    const cell = row({ ...service('s', spec), metadata: { name: 's', creationTimestamp: '2026-11-21T08:00:00Z' }, status })
    return [cell['Type'], cell['External-IP'], cell['Port(s)'], cell['Selector'], cell['Age']]
  }
  it.each([
    [{ type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }] }, {}, ['ClusterIP', '<none>', '80/TCP', 'app=a', '60m']],
    [
      { type: 'NodePort', ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }], selector: null },
      {},
      ['NodePort', '<none>', '80:30080/TCP', '<none>', '60m'],
    ],
    [{ type: 'LoadBalancer', ports: [] }, {}, ['LoadBalancer', '<pending>', '<none>', 'app=a', '60m']],
    [
      { type: 'LoadBalancer', ports: [], externalIPs: ['1.1.1.1'] },
      { loadBalancer: { ingress: [{ ip: '2.2.2.2' }, { hostname: 'h' }] } },
      ['LoadBalancer', '2.2.2.2,h,1.1.1.1', '<none>', 'app=a', '60m'],
    ],
    [{ type: 'ExternalName', externalName: 'a.example.com', ports: null }, {}, ['ExternalName', 'a.example.com', '<none>', 'app=a', '60m']],
  ])('%j with status %j', (spec, status, want) => {
    expect(cells(spec, status)).toEqual(want)
  })
})
