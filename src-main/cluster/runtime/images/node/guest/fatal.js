// What Node.js prints about an error that nobody caught, and how it ends.
const { stackOf } = require('internal/errors')
const { inspect } = require('util')
const { host, about } = kernel

exports.uncaught = (error, origin) => {
  // What broke off because the process ends is no error; the engine stops in this loop.
  if (host.ending()) for (;;);
  if (error instanceof Error && error.message === 'out of memory') {
    host.outOfMemory()
    for (;;);
  }
  const event = origin === 'unhandledRejection' && process.listenerCount(origin) > 0 ? origin : 'uncaughtException'
  if (process.listenerCount(event) > 0) {
    process.emit(event, error, event === origin ? Promise.resolve() : origin)
    return
  }
  if (kernel.interactive) return kernel.interactive.complain(error)
  process.stderr.write(report(error, origin))
  process._exitWith(1)
}

function report(error, origin) {
  const version = `\nNode.js v${about.version}\n`
  if (!(error instanceof Error)) {
    if (origin === 'unhandledRejection')
      return `node:internal/process/promises:288\n            triggerUncaughtException(err, true /* fromPromise */);\n            ^\n\n[UnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "${inspect(error)}".] {\n  code: 'ERR_UNHANDLED_REJECTION'\n}\n${version}`
    return `Uncaught:\n${inspect(error)}\n(Use \`node --trace-uncaught ...\` to show where the exception was thrown)\n${version}`
  }
  const stack = error instanceof SyntaxError && error.fileName ? `SyntaxError: ${error.message}` : stackOf(error)
  const place = error.fileName
    ? [0, error.fileName, error.lineNumber, 1]
    : /(?:\(| at )(\/[^\s()]*|\[eval\]|\[stdin\]):(\d+):(\d+)/.exec(stack)
  if (!place && error.code === 'MODULE_NOT_FOUND')
    return `node:internal/modules/cjs/loader:1148\n  throw err;\n  ^\n\n${inspect(error)}\n${version}`
  const text = inspect(error)
  return `${place ? excerpt(place[1], Number(place[2]), Number(place[3])) : ''}${error.fileName ? stack : text}\n${version}`
}

/** The line of the script where it happened, with a mark under it. */
function excerpt(file, line, column) {
  const source = host.sourceLine(file, line)
  if (source === undefined) return `${file}:${line}\n\n`
  const thrown = source.lastIndexOf('throw ', column)
  return `${file}:${line}\n${source}\n${' '.repeat(Math.max(0, thrown >= 0 ? thrown : column - 1))}^\n\n`
}
