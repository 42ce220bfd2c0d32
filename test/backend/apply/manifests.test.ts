import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dataEntries, envFileEntries, sourcedEntries } from '../../../src-main/backend/apply/data-entries.js'
import { readManifests } from '../../../src-main/backend/apply/manifests.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const given = (files: Record<string, string>) => ({
  files: Object.entries(files).map(([name, text]) => ({ path: name, bytes: bytes(text) })),
})
const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a # first\n'

describe('files and folders', () => {
  it('become one text, each document under the name of its file, comments kept and JSON as YAML', () => {
    const read = readManifests({
      source: given({
        'k8s/pod.yaml': `---\n${POD}`,
        'k8s/sub/more.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
        'k8s/README.md': '# not a manifest',
        'k8s/values.yaml': 'replicas: 3\n',
        'k8s/broken.yml': 'a: [\n',
      }),
    })
    expect(read).toEqual({
      yaml: `# Source: k8s/pod.yaml\n${POD}---\n# Source: k8s/sub/more.json\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n`,
      documents: 2,
      kustomizations: [],
      skipped: [
        { path: 'k8s/broken.yml', reason: expect.stringMatching(/^Line 2: /) },
        { path: 'k8s/values.yaml', reason: 'apiVersion is not set.' },
      ],
    })
  })

  it('a folder with a kustomization at its top is built', () => {
    const read = readManifests({
      source: given({ 'app/kustomization.yaml': 'namePrefix: x-\nresources: [pod.yaml]\n', 'app/pod.yaml': POD }),
    })
    expect(read).toEqual({
      yaml: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: x-a\n',
      documents: 1,
      built: 'app',
      kustomizations: ['app'],
      skipped: [],
    })
  })

  it('one with kustomizations further in asks which, and takes the files as they are when told so', () => {
    const source = given({
      'app/base/kustomization.yaml': 'resources: [pod.yaml]\n',
      'app/base/pod.yaml': POD,
      'app/overlays/dev/kustomization.yaml': 'resources: [../../base]\nnameSuffix: -dev\n',
    })
    expect(readManifests({ source })).toEqual({ yaml: '', documents: 0, kustomizations: ['app/base', 'app/overlays/dev'], skipped: [] })
    expect(readManifests({ source, build: 'app/overlays/dev' }).yaml).toContain('name: a-dev\n')
    expect(readManifests({ source, build: null }).yaml).toBe(`# Source: app/base/pod.yaml\n${POD}`)
  })

  it('nothing to apply is an error that says so', () => {
    expect(() => readManifests({ source: given({ 'a.txt': 'x' }) })).toThrow('There is no file with the extension .yaml, .yml or .json.')
  })
})

describe('on this machine', () => {
  let folder: string
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-manifests-'))
  })
  afterEach(() => fs.rmSync(folder, { recursive: true }))

  it('an overlay is built though its base lies outside of what was picked', () => {
    fs.mkdirSync(path.join(folder, 'base'))
    fs.mkdirSync(path.join(folder, 'over'))
    fs.writeFileSync(path.join(folder, 'base/kustomization.yaml'), 'resources: [pod.yaml]\n')
    fs.writeFileSync(path.join(folder, 'base/pod.yaml'), POD)
    fs.writeFileSync(path.join(folder, 'over/kustomization.yaml'), 'resources: [../base]\nnamespace: shop\n')
    expect(readManifests({ source: { paths: [path.join(folder, 'over')] } })).toMatchObject({
      built: 'over',
      yaml: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: shop\n',
    })
  })

  it('a path that is not there is named as kubectl names it', () => {
    const missing = path.join(folder, 'none')
    expect(() => readManifests({ source: { paths: [missing] } })).toThrow(`the path "${missing}" does not exist`)
  })
})

describe('a kustomization that cannot be built says why', () => {
  const build = (files: Record<string, string>) => () => readManifests({ source: given(files), build: '.' })
  it.each([
    [
      'a field that is not supported',
      { 'kustomization.yaml': 'helmCharts: []' },
      '"helmCharts" is not supported here. Build the folder with kustomize and apply the result.',
    ],
    [
      'annotations about the build, which name the program that made it',
      { 'kustomization.yaml': 'buildMetadata: [originAnnotations]' },
      '"buildMetadata" is not supported here.',
    ],
    [
      'a replacement without a source',
      {
        'kustomization.yaml':
          'resources: [a.yaml]\nreplacements: [{ source: { kind: Secret, name: x }, targets: [{ select: { kind: Pod } }] }]',
        'a.yaml': POD,
      },
      'kustomization.yaml: nothing selected by {kind: Secret, name: x}',
    ],
    [
      'a replacement into a field that is not there',
      {
        'kustomization.yaml':
          'resources: [a.yaml]\nreplacements: [{ source: { kind: Pod, name: a }, targets: [{ select: { kind: Pod }, fieldPaths: [spec.none] }] }]',
        'a.yaml': POD,
      },
      'unable to find field "spec.none" in replacement target Pod.v1.[noGrp]/a.[noNs]',
    ],
    [
      'a configuration of what is not configurable here',
      { 'kustomization.yaml': 'configurations: [c.yaml]', 'c.yaml': 'replicas: [{ path: spec/x, kind: Ship }]' },
      'c.yaml: "replicas" is not supported here.',
    ],
    [
      'a variable of an object that is not there',
      {
        'kustomization.yaml': 'resources: [a.yaml]\nvars: [{ name: OTHER, objref: { kind: Pod, name: b, apiVersion: v1 } }]',
        'a.yaml': POD,
      },
      "kustomization.yaml: var 'OTHER' cannot be mapped to a field in the set of known resources",
    ],
    [
      'a variable of a field that is not there',
      {
        'kustomization.yaml':
          'resources: [a.yaml]\nvars: [{ name: IP, objref: { kind: Pod, name: a, apiVersion: v1 }, fieldref: { fieldpath: status.podIP } }]',
        'a.yaml': POD,
      },
      "field specified in var 'IP' not found in corresponding resource: status.podIP",
    ],
    [
      'a variable that is there twice',
      {
        'kustomization.yaml': `resources: [a.yaml]\nvars: [${'{ name: A, objref: { kind: Pod, name: a, apiVersion: v1 } },'.repeat(2)}]`,
        'a.yaml': POD,
      },
      "var 'A' already encountered",
    ],
    [
      'definitions of custom resources that are none',
      { 'kustomization.yaml': 'crds: [crd.yaml]', 'crd.yaml': 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n' },
      "unable to parse open API definition from 'crd.yaml'",
    ],
    ['an unknown field', { 'kustomization.yaml': 'resource: []' }, 'kustomization.yaml: invalid Kustomization: unknown field "resource"'],
    [
      'a missing resource',
      { 'kustomization.yaml': 'resources: [a.yaml]' },
      'the resource "a.yaml" is neither a file nor a folder with a kustomization.',
    ],
    ['a base outside', { 'kustomization.yaml': 'resources: [../base]' }, 'It lies outside of what was opened: open the folder above.'],
    [
      'a remote resource',
      { 'kustomization.yaml': 'resources: ["https://example.com/a.yaml"]' },
      'is not fetched. Download it into the folder.',
    ],
    [
      'a patch without a match',
      { 'kustomization.yaml': 'patches: [{ patch: "{ apiVersion: v1, kind: Pod, metadata: { name: x } }" }]' },
      'no matches for Id Pod.v1.[noGrp]/x.[noNs]',
    ],
    [
      'the same object twice',
      { 'kustomization.yaml': 'resources: [a.yaml, b.yaml]', 'a.yaml': POD, 'b.yaml': POD },
      'may not add resource with an already registered id: Pod.v1.[noGrp]/a.[noNs]',
    ],
    ['a circle', { 'kustomization.yaml': 'resources: [a]', 'a/kustomization.yaml': 'resources: [..]' }, 'cycle detected: . -> a -> .'],
    ['replicas of nothing', { 'kustomization.yaml': 'replicas: [{ name: x, count: 2 }]' }, 'resource with name x does not match a config'],
  ])('%s', (_name, files, message) => expect(build(files as Record<string, string>)).toThrow(message))
})

describe('the data of ConfigMaps and Secrets', () => {
  it('text goes to data and anything else to binaryData; a Secret is all base64', () => {
    const sources = [{ literal: 'a=b=c' }, { key: 'text', bytes: bytes('héllo') }, { key: 'bin', bytes: new Uint8Array([0xff, 0, 1]) }]
    expect(sourcedEntries('ConfigMap', sources)).toEqual({ data: { a: 'b=c', text: 'héllo' }, binaryData: { bin: '/wAB' } })
    expect(sourcedEntries('Secret', sources)).toEqual({ data: { a: 'Yj1j', text: 'aMOpbGxv', bin: '/wAB' } })
  })

  it('an env file has lines of KEY=value, comments and empty lines aside', () => {
    expect(envFileEntries('# c\n\nA=1\nB = x \r\nC=a=b\n'.replace('B = x ', 'B=x '))).toEqual([
      { key: 'A', value: '1' },
      { key: 'B', value: 'x ' },
      { key: 'C', value: 'a=b' },
    ])
    expect(() => envFileEntries('1A=b')).toThrow('line 1: "1A" is not a valid key name')
  })

  it('a key that comes twice, or is none, is refused in the words of kubectl', () => {
    const twice = [
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
    ]
    expect(() => dataEntries('ConfigMap', twice)).toThrow('cannot add key "a", another key by that name already exists')
    expect(() => dataEntries('ConfigMap', [{ key: 'a b', value: '' }])).toThrow('"a b" is not a valid key name')
  })
})
