import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildKustomization } from '../../src-main/backend/apply/kustomize/build.js'
import { filesOnDisk } from '../../src-main/backend/apply/manifest-files.js'
import { fromYaml } from '../../src-main/backend/apply/yaml.js'
import { kustomizeSamples, type KustomizeSample } from './support/kustomize-samples.js'

/** The backend's kustomize beside the one in the real kubectl: the same objects, in the same order, to the last hash. */

let kubectl: string
let top: string

beforeAll(async () => {
  const { clients } = (await import('../../src-main/tools/clients.mjs' as string)) as { clients: () => { kubectl: string } }
  kubectl = clients().kubectl
  top = fs.mkdtempSync(path.join(os.tmpdir(), 'drydock-kustomize-'))
})
afterAll(() => fs.rmSync(top, { recursive: true, force: true }))

function write(sample: KustomizeSample): string {
  const folder = fs.mkdtempSync(path.join(top, 'k-'))
  for (const [name, text] of Object.entries(sample.files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), text)
  }
  return path.join(folder, sample.build)
}

describe('a kustomize folder is built as kubectl builds it', () => {
  it.each(kustomizeSamples)('$name', (sample) => {
    const folder = write(sample)
    const theirs = spawnSync(kubectl, ['kustomize', folder], { encoding: 'utf8', timeout: 60_000 })
    expect(theirs.status, theirs.stderr).toBe(0)
    const { files, picked } = filesOnDisk([folder])
    expect(buildKustomization(files, picked[0]!)).toEqual(fromYaml(theirs.stdout))
  })
})
