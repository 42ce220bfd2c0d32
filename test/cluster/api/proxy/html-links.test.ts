import { describe, expect, it } from 'vitest'
import { throughProxy } from '../../../../src-main/cluster/api/proxy/html-links.js'

const PREFIX = '/api/v1/namespaces/default/pods/web/proxy'
const turn = (html: string): string => throughProxy(html, PREFIX, 'http://10.244.1.2:80')

describe('the links of a page behind a proxy', () => {
  it('lead through the proxy where they name the target: by path, or whole', () => {
    expect(turn('<a href="/next">n</a>')).toBe(`<a href="${PREFIX}/next">n</a>`)
    expect(turn("<form method=post action='/go?a=b'>")).toBe(`<form method=post action='${PREFIX}/go?a=b'>`)
    expect(turn('<img alt=x src=/x.png>')).toBe(`<img alt=x src=${PREFIX}/x.png>`)
    expect(turn('<link href="http://10.244.1.2:80/s.css"/>')).toBe(`<link href="${PREFIX}/s.css"/>`)
    expect(turn('<script src="/a.js">if (a < b) c("<a href=\\"/x\\">")</script>')).toBe(
      `<script src="${PREFIX}/a.js">if (a < b) c("<a href=\\"/x\\">")</script>`,
    )
  })

  it('stay as they are where they are relative, lead elsewhere or are none', () => {
    for (const html of [
      '<a href="next">',
      '<a href="//cdn.example.com/x">',
      '<a href="https://example.com/">',
      '<a title="/not">',
      '<p href="/no">',
      '<!-- <a href="/x"> -->',
      'text with href="/x" and 1 < 2',
      `<a href="${PREFIX}/done">`,
    ])
      expect(turn(html)).toBe(html)
  })
})
