// Errors whose stack begins with the error itself, as V8 writes it.
for (const name of ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError', 'AggregateError']) {
  const Native = globalThis[name]
  const Wrapped = {
    [name]: function (...args) {
      const error = Reflect.construct(Native, args, new.target ?? Wrapped)
      const frames = clean(error.stack)
      const title = new.target && new.target !== Wrapped && error.name === 'Error' ? 'Error' : error.name
      Object.defineProperty(error, 'stack', {
        value: `${title}${error.message ? `: ${error.message}` : ''}\n${frames}`.trimEnd(),
        writable: true,
        configurable: true,
      })
      return error
    },
  }[name]
  Wrapped.prototype = Native.prototype
  Object.setPrototypeOf(Wrapped, Native === Error ? Function.prototype : globalThis.Error)
  Object.defineProperty(Native.prototype, 'constructor', { value: Wrapped, writable: true, configurable: true })
  Object.defineProperty(globalThis, name, { value: Wrapped, writable: true, configurable: true })
}
globalThis.Error.stackTraceLimit = 10
globalThis.Error.captureStackTrace = (object) => {
  const { stack } = new Error()
  Object.defineProperty(object, 'stack', { value: stack, writable: true, configurable: true })
}

/** The frames of the script alone, in V8's words. */
function clean(stack) {
  return String(stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at ') && !line.includes('(native)') && !/\(?node:|construct \(/.test(line))
    .map((line) => line.replace('at <anonymous> (', 'at Object.<anonymous> (').replace('at <eval> (', 'at '))
    .map((line) => (!line.includes('(') && line.endsWith(')') ? line.slice(0, -1) : line))
    .slice(0, 10)
    .join('\n')
}

const wording = [
  [/^cannot read property '(.*)' of (null|undefined)$/, "Cannot read properties of $2 (reading '$1')"],
  [/^cannot set property '(.*)' of (null|undefined)$/, "Cannot set properties of $2 (setting '$1')"],
  [/^'(.*)' is not defined$/, '$1 is not defined'],
  [/^'(.*)' is read-only$/, 'Assignment to constant variable.'],
  [/^stack overflow$/, 'Maximum call stack size exceeded'],
  [/^redeclaration of '(.*)'$/, "Identifier '$1' has already been declared"],
  [
    /^invalid redefinition of (?:lexical identifier|global identifier|a variable|parameter name).*$/,
    'Identifier has already been declared',
  ],
  [/^(?:unexpected token in expression|expecting .*, got): ''$/, 'Unexpected end of input'],
  [/^unexpected token in expression: '(.*)'$/, "Unexpected token '$1'"],
  [/^unexpected end of string$/, 'Invalid or unexpected token'],
  [/^(\S+) is not initialized$/, "Cannot access '$1' before initialization"],
]

/** An error's text with its frames; the engine's own words become V8's. */
exports.stackOf = (error) => {
  let { name = 'Error', message = '' } = error
  if (name === 'InternalError') name = 'RangeError'
  const title = message ? `${name}: ${message}` : name
  const stack = typeof error.stack === 'string' ? error.stack : ''
  if (stack.startsWith('    at') || stack === '') {
    for (const [pattern, text] of wording) message = message.replace(pattern, text)
    return `${message ? `${name}: ${message}` : name}\n${clean(stack)}`.trimEnd()
  }
  // What was renamed after it was made keeps its stack, but tells its name.
  return stack.startsWith(title) || !stack.startsWith('Error') ? stack : stack.replace(/^Error/, name)
}

exports.systemError = (error, syscall, path) => {
  const codes = {
    ENOENT: -2,
    EBADF: -9,
    EACCES: -13,
    EEXIST: -17,
    ENOTDIR: -20,
    EISDIR: -21,
    EINVAL: -22,
    EROFS: -30,
    EADDRINUSE: -98,
    ECONNREFUSED: -111,
  }
  const { code } = error
  if (!code) return error
  const lower = error.message.charAt(0).toLowerCase() + error.message.slice(1)
  const result = new Error(`${code}: ${lower}, ${syscall}${path === undefined ? '' : ` '${path}'`}`)
  return Object.assign(result, { errno: codes[code] ?? -1, code, syscall, ...(path === undefined ? {} : { path }) })
}
