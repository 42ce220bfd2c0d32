import { describe, expect, it } from 'vitest'
import type { ContainerFile } from '../../src-main/backend/rpc/contract.js'
import { decodeBytes } from '../../src-renderer/components/bytes.js'
import { inOrder, parentOf, pathIn } from '../../src-renderer/views/files/container-folder.js'

const file = (name: string, rest: Partial<ContainerFile> = {}): ContainerFile => ({
  name,
  type: 'file',
  size: 0,
  modified: 0,
  mode: '644',
  owner: 'root',
  group: 'root',
  ...rest,
})

describe('the folder of a container', () => {
  it('shows folders first, links to folders among them, each by name as a person sorts', () => {
    const files = [
      file('log.10'),
      file('log.9'),
      file('var', { type: 'folder' }),
      file('bin', { type: 'link', target: 'usr/bin', toFolder: true }),
      file('it', { type: 'link', target: 'log.9' }),
    ]
    expect(inOrder(files).map((f) => f.name)).toEqual(['bin', 'var', 'it', 'log.9', 'log.10'])
  })

  it.each([
    ['/', '/'],
    ['/etc', '/'],
    ['/etc/nginx', '/etc'],
    ['/etc/nginx/', '/etc'],
  ])('of %s is in %s', (path, parent) => expect(parentOf(path)).toBe(parent))

  it.each([
    ['/', 'etc', '/etc'],
    ['/etc', 'nginx', '/etc/nginx'],
  ])('%s has %s at %s', (folder, name, path) => expect(pathIn(folder, name)).toBe(path))
})

describe('the beginning of a file', () => {
  it('is text, also where a character is cut in two', () => {
    const bytes = new TextEncoder().encode('船')
    expect(decodeBytes(bytes)).toEqual({ text: '船', bytes: 3, binary: false })
    expect(decodeBytes(new Uint8Array([...bytes, ...bytes.subarray(0, 2)]), true)).toEqual({ text: '船', bytes: 5, binary: false })
  })

  it('is shown in hex where it is no text', () => {
    expect(decodeBytes(new Uint8Array([0x7f, 0x45, 0x00]))).toEqual({ text: '7f 45 00', bytes: 3, binary: true })
  })
})
