// Makes a bare engine a Node.js: globals, the built-in modules, and the way in for what happens outside. Evaluated to a
// function of the host's calls and of the process; everything here runs inside the sandbox.
// oxlint-disable-next-line no-unused-expressions -- its value is what it is evaluated for
;(function (host, about) {
  const sinks = new Map()
  let lastId = 0
  const builtins = new Map()

  /** What built-in modules share. */
  const kernel = {
    host,
    about,
    /** An id under which the host reports what happens to something. */
    open(sink) {
      sinks.set(++lastId, sink)
      return lastId
    },
    close(id) {
      sinks.delete(id)
    },
    /** Calls back into the script: what it throws, now or later, is an uncaught error. */
    enter(fn, self, ...args) {
      try {
        kernel.watch(Reflect.apply(fn, self, args))
      } catch (error) {
        kernel.uncaught(error)
      }
    },
    /** A promise that nobody else looks at. */
    watch(result) {
      if (result instanceof Promise) result.then(undefined, (error) => kernel.uncaught(error, 'unhandledRejection'))
      return result
    },
    uncaught(error, origin) {
      require('internal/fatal').uncaught(error, origin ?? 'uncaughtException')
    },
    isBuiltin: (name) => about.builtins.includes(name.replace(/^node:/, '')) && !name.includes('internal/'),
    require,
  }

  function require(name) {
    let module = builtins.get(name)
    if (!module) {
      module = { exports: {} }
      builtins.set(name, module)
      const source = host.builtinSource(name)
      host.compile(`(function (module, exports, require, kernel) {${source}\n})`, `node:${name}`)(module, module.exports, require, kernel)
    }
    return module.exports
  }

  require('internal/errors')
  require('internal/time')
  Object.assign(globalThis, require('internal/globals'))
  const ticks = require('internal/ticks')
  const loader = require('internal/loader')

  return {
    dispatch(id, ...args) {
      const sink = sinks.get(id)
      if (sink) kernel.enter(sink, undefined, ...args)
    },
    ticks: ticks.drain,
    start(kind, text) {
      kernel.enter(loader.start, undefined, kind, text)
    },
    idle() {
      return process._finish()
    },
    promptTake: (line) => require('internal/repl').take(line),
    promptDrop: () => require('internal/repl').drop(),
    promptComplete: (before) => require('internal/repl').complete(before),
    resolveModule: loader.resolveModule,
    moduleSource: loader.moduleSource,
  }
})
