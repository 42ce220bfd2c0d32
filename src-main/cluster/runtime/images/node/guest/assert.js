// assert.
const { inspect } = require('util')

class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message)
    Object.assign(this, { generatedMessage: false, code: 'ERR_ASSERTION', actual, expected, operator })
  }
}
Object.defineProperty(AssertionError.prototype, 'name', { value: 'AssertionError', writable: true, configurable: true })

function isDeepEqual(a, b, strict) {
  if (strict ? Object.is(a, b) : a == b || (a !== a && b !== b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  if (a instanceof Map && b instanceof Map)
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && isDeepEqual(value, b.get(key), strict))
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((value) => b.has(value))
  if (a instanceof Error && b instanceof Error && (a.message !== b.message || a.name !== b.name)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && isDeepEqual(a[key], b[key], strict))
}

const fail = (message, fallback, rest) => {
  if (message instanceof Error) throw message
  throw new AssertionError({ message: message ?? fallback, ...rest })
}
const compare = (operator, test, text) => (actual, expected, message) => {
  if (!test(actual, expected)) fail(message, `${text}\n\n${inspect(actual)} !== ${inspect(expected)}\n`, { actual, expected, operator })
}
const assert = (value, message) => {
  if (!value) fail(message, 'The expression evaluated to a falsy value', { actual: value, expected: true, operator: '==' })
}
module.exports = Object.assign(assert, {
  AssertionError,
  isDeepEqual,
  ok: assert,
  equal: compare('==', (a, b) => a == b, 'Expected values to be loosely equal:'),
  notEqual: compare('!=', (a, b) => a != b, 'Expected "actual" to be loosely unequal to:'),
  strictEqual: compare('strictEqual', Object.is, 'Expected values to be strictly equal:'),
  notStrictEqual: compare('notStrictEqual', (a, b) => !Object.is(a, b), 'Expected "actual" to be strictly unequal to:'),
  deepEqual: compare('deepEqual', (a, b) => isDeepEqual(a, b, false), 'Expected values to be loosely deep-equal:'),
  deepStrictEqual: compare('deepStrictEqual', (a, b) => isDeepEqual(a, b, true), 'Expected values to be strictly deep-equal:'),
  notDeepStrictEqual: compare(
    'notDeepStrictEqual',
    (a, b) => !isDeepEqual(a, b, true),
    'Expected "actual" not to be strictly deep-equal to:',
  ),
  match: compare('match', (a, b) => b.test(a), 'The input did not match the regular expression'),
  fail: (message) => fail(message, 'Failed', { operator: 'fail' }),
  throws: (fn, expected, message) => {
    try {
      fn()
    } catch (error) {
      if (expected instanceof RegExp && !expected.test(String(error))) throw error
      if (typeof expected === 'function' && expected.prototype && !(error instanceof expected)) throw error
      return
    }
    fail(message, 'Missing expected exception.', { operator: 'throws' })
  },
  rejects: async (promise, _expected, message) => {
    try {
      await (typeof promise === 'function' ? promise() : promise)
    } catch {
      return
    }
    fail(message, 'Missing expected rejection.', { operator: 'rejects' })
  },
})
assert.strict = assert
