import { describe, expect, it } from 'vitest'
import { namesClusters, queryOf, readGoLine, saidOf, wordsOfKind } from '../../src-renderer/app/go-line.js'

describe('a line after the colon', () => {
  it.each([
    ['po', { what: 'po' }],
    ['  po   shop ', { what: 'po', namespace: 'shop' }],
    ['po /web shop', { what: 'po', namespace: 'shop', search: 'web' }],
    ['po /!web', { what: 'po', search: '!web' }],
    ['dp app=web,tier!=db', { what: 'dp', label: 'app=web,tier!=db' }],
    ['dp app=web tier=db shop', { what: 'dp', label: 'app=web,tier=db', namespace: 'shop' }],
    ['svc @staging kube-system', { what: 'svc', cluster: 'staging', namespace: 'kube-system' }],
    ['po /0 @prod app=web shop', { what: 'po', cluster: 'prod', label: 'app=web', namespace: 'shop', search: '0' }],
    ['', { what: '' }],
  ])('%s is read as k9s reads it', (text, line) => {
    expect(readGoLine(text)).toEqual(line)
  })

  it('keeps the namespaces that are shown unless it names another, all of them, or another cluster', () => {
    const from = { ns: 'shop', with: 'staging', q: 'old', label: 'a=b' }
    expect(queryOf(readGoLine('po'), from)).toEqual({ ns: 'shop', with: 'staging' })
    expect(queryOf(readGoLine('po data a=b /x'), from)).toEqual({ ns: 'data', with: 'staging', q: 'x', label: 'a=b' })
    expect(queryOf(readGoLine('po all'), from)).toEqual({ ns: '*', with: 'staging' })
    expect(queryOf(readGoLine('po @prod'), from)).toEqual({ ns: undefined, with: undefined })
  })

  it('chooses among clusters with ctx, and tells what else it says', () => {
    expect(['ctx', 'context prod', 'contexts', 'ctxs'].map((l) => namesClusters(readGoLine(l)))).toEqual([true, true, true, false])
    expect(saidOf(readGoLine('po shop a=b @prod /web'))).toBe('shop  a=b  /web  @prod')
  })

  it('knows the names that k9s adds to those of the server', () => {
    expect(wordsOfKind('deployments', ['deploy'])).toEqual(['deployments', 'deploy', 'dp'])
    expect(wordsOfKind('clusterrolebindings', [])).toEqual(['clusterrolebindings', 'crb'])
    expect(wordsOfKind('pods', ['po'])).toEqual(['pods', 'po'])
  })
})
