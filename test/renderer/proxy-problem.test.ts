import { expect, it } from 'vitest'
import { proxyProblem } from '../../src-renderer/dialogs/proxy-problem.js'

it('the proxy of a context is an address without a password, or none', () => {
  for (const good of ['', ' ', 'http://proxy:3128', 'https://proxy.example.com', 'socks5://127.0.0.1:1080'])
    expect(proxyProblem(good)).toBeUndefined()
  for (const bad of ['proxy:3128', 'proxy', 'ftp://proxy', 'http://']) expect(proxyProblem(bad)).toBe('proxyNoUrl')
  for (const secret of ['http://me:secret@proxy:3128', 'socks5://me@proxy']) expect(proxyProblem(secret)).toBe('proxyPassword')
})
