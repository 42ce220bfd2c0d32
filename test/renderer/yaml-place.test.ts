import { describe, expect, it } from 'vitest'
import { placeOf } from '../../src-renderer/editor/yaml-place.js'

const manifest = `apiVersion: v1
kind: Service
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: first
        image: nginx
      - name: second
        ports:
          - containerPort: 80
            name: http
          - containerPort: 81

        image: busybox
      volumes: []
`.split('\n')

const at = (text: string) => manifest.findIndex((l) => l.includes(text))

describe('where a line of YAML is', () => {
  it('at the top of the second document, which knows nothing of the first', () => {
    expect(placeOf(manifest, at('apps/v1'), 0)).toEqual({ parent: [], key: 'apiVersion', siblings: ['kind', 'metadata', 'spec'] })
  })
  it('in a mapping', () => {
    expect(placeOf(manifest, at('name: web'), 2)).toEqual({ parent: ['metadata'], key: 'name', siblings: [] })
  })
  it('in an item of a list whose dashes are below their key', () => {
    expect(placeOf(manifest, at('image: busybox'), 8)).toEqual({
      parent: ['spec', 'template', 'spec', 'containers', 1],
      key: 'image',
      siblings: ['ports', 'name'],
    })
  })
  it('on the line of the dash itself', () => {
    expect(placeOf(manifest, at('- name: second'), 8)).toEqual({
      parent: ['spec', 'template', 'spec', 'containers', 1],
      key: 'name',
      siblings: ['ports', 'image'],
    })
  })
  it('in a list within a list', () => {
    expect(placeOf(manifest, at('name: http'), 12)).toEqual({
      parent: ['spec', 'template', 'spec', 'containers', 1, 'ports', 0],
      key: 'name',
      siblings: ['containerPort'],
    })
    expect(placeOf(manifest, at('containerPort: 81'), 12).parent).toEqual(['spec', 'template', 'spec', 'containers', 1, 'ports', 1])
  })
  it('on an empty line, by the column of the cursor', () => {
    const empty = manifest.indexOf('')
    expect(placeOf(manifest, empty, 8)).toEqual({
      parent: ['spec', 'template', 'spec', 'containers', 1],
      siblings: ['ports', 'name', 'image'],
    })
    expect(placeOf(manifest, empty, 12).parent).toEqual(['spec', 'template', 'spec', 'containers', 1, 'ports', 1])
    expect(placeOf(manifest, empty, 2).parent).toEqual(['spec'])
  })
})
