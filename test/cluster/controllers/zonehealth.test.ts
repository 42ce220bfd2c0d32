import { describe, expect, it } from 'vitest'
import type { Node } from '../../../src-main/cluster/api/object.js'
import { podNetworkFor } from '../../../src-main/cluster/controllers/nodeipam.js'
import { ZoneHealth } from '../../../src-main/cluster/controllers/zonehealth.js'

const node = (name: string, zone: string, ready: string | undefined): Node =>
  ({
    metadata: { name, labels: { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': zone } },
    status: { conditions: ready === undefined ? [] : [{ type: 'Ready', status: ready }] },
  }) as Node

describe('the health of zones', () => {
  it('counts the nodes of a zone and those of them that are Ready', () => {
    const health = new ZoneHealth()
    health.add(node('a', 'z1', 'True'))
    health.add(node('b', 'z1', undefined))
    health.add(node('c', 'z2', 'Unknown'))
    expect(health.of('r/z1')).toEqual({ nodes: 2, ready: 1 })
    expect(health.of('r/z2')).toEqual({ nodes: 1, ready: 0 })
    expect(health.total()).toEqual({ nodes: 3, ready: 1 })
  })

  it('follows a node that becomes Ready, moves to another zone and goes', () => {
    const health = new ZoneHealth()
    health.add(node('a', 'z1', undefined))
    health.update(node('a', 'z1', undefined), node('a', 'z1', 'True'))
    expect(health.of('r/z1')).toEqual({ nodes: 1, ready: 1 })
    health.update(node('a', 'z1', 'True'), node('a', 'z2', 'True'))
    expect(health.of('r/z1')).toEqual({ nodes: 0, ready: 0 })
    expect(health.of('r/z2')).toEqual({ nodes: 1, ready: 1 })
    health.delete(node('a', 'z2', 'True'))
    expect(health.total()).toEqual({ nodes: 0, ready: 0 })
  })
})

describe('the pod network of a new cluster', () => {
  it('is the usual one for a small cluster', () => {
    expect(podNetworkFor(3)).toBe('10.244.0.0/16')
  })

  it('has a /24 for each of thousands of nodes and stays clear of the Services', () => {
    expect(podNetworkFor(5000)).toBe('10.128.0.0/9')
  })
})
