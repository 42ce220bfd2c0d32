import { describe, expect, it } from 'vitest'
import { field } from '../../../src-main/cluster/api/errors.js'
import { shownJson } from '../../../src-main/cluster/api/shown-json.js'

describe('JSON in messages', () => {
  it('has what could end a script in a page escaped', () => {
    expect(shownJson({ a: '</b>&\u2028', c: [1, null] })).toBe('{"a":"\\u003c/b\\u003e\\u0026\\u2028","c":[1,null]}')
    expect(shownJson({ a: ['<'] }, 1)).toBe('{\n "a": [\n  "\\u003c"\n ]\n}')
  })

  it('is what structures are shown as, while texts are quoted as they are', () => {
    expect(field.invalid('x', { a: '<' }, 'no').body).toBe('Invalid value: {"a":"\\u003c"}: no')
    expect(field.invalid('x', '<', 'no').body).toBe('Invalid value: "<": no')
  })
})
