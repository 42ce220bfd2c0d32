// CommonJS and ES modules from the container's file tree.
const path = require('path')
const { host, about } = kernel

const cache = Object.create(null)
const isFile = (p) => host.fileType(p) === 'file'
const readText = (p) => require('buffer').Buffer.from(host.readFile(p)).toString()
const readJson = (p) => JSON.parse(readText(p))

function asFile(p) {
  if (isFile(p)) return host.realpath(p)
  for (const extension of ['.js', '.json', '.cjs', '.mjs', '.node']) if (isFile(p + extension)) return host.realpath(p + extension)
  return undefined
}

function asDirectory(p) {
  const manifest = `${p}/package.json`
  if (isFile(manifest)) {
    const { main, exports: exported } = readJson(manifest)
    const target = entryOf(exported) ?? main
    const found = target && (asFile(path.join(p, target)) ?? asFile(path.join(p, target, 'index')))
    if (found) return found
  }
  return asFile(`${p}/index`)
}

/** The file of a package's `exports` for its root. */
function entryOf(exported) {
  if (typeof exported === 'string') return exported
  if (typeof exported !== 'object' || exported === null) return undefined
  if ('.' in exported) return entryOf(exported['.'])
  for (const condition of ['node', 'require', 'import', 'default']) if (condition in exported) return entryOf(exported[condition])
  return undefined
}

function find(name, from) {
  if (/^\.{0,2}\//.test(name) || name === '.' || name === '..') {
    const p = path.resolve(from, name)
    return (name.endsWith('/') ? undefined : asFile(p)) ?? asDirectory(p)
  }
  for (let at = from; ; at = path.dirname(at)) {
    const p = path.join(at, 'node_modules', name)
    const found = asFile(p) ?? asDirectory(p)
    if (found) return found
    if (at === '/') return undefined
  }
}

function resolve(name, from, stack = []) {
  if (typeof name !== 'string')
    throw Object.assign(
      new TypeError(`The "id" argument must be of type string. Received ${name === undefined ? 'undefined' : typeof name}`),
      { code: 'ERR_INVALID_ARG_TYPE' },
    )
  if (kernel.isBuiltin(name)) return name
  if (name.startsWith('node:')) throw Object.assign(new Error(`No such built-in module: ${name}`), { code: 'ERR_UNKNOWN_BUILTIN_MODULE' })
  const found = find(name, from)
  if (found) return found
  const trail = stack.length > 0 ? `\nRequire stack:\n${stack.map((each) => `- ${each}`).join('\n')}` : ''
  throw missing(`Cannot find module '${name}'${trail}`, stack)
}

function missing(message, requireStack) {
  const error = Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND', requireStack })
  if (!error.stack.includes('\n    at '))
    error.stack = `Error: ${message}\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1145:15)`
  return error
}

function isModule(filename) {
  if (filename.endsWith('.mjs')) return true
  if (!filename.endsWith('.js')) return false
  for (let at = path.dirname(filename); ; at = path.dirname(at)) {
    if (isFile(`${at}/package.json`)) return readJson(`${at}/package.json`).type === 'module'
    if (at === '/') return false
  }
}

/**
 * The engine does not tell of promises that are rejected unseen. Those of a program's top level, where `main()` is
 * called and left alone, are looked after here.
 */
function watchTopLevel(source) {
  let text = source.replace(/^\((?=async\b)/gm, '__watched(')
  for (const [, name] of source.matchAll(/^(?:export )?async function (\w+)|^const (?:\w+) = async\b/gm))
    if (name) text = text.replace(new RegExp(`^${name}\\(`, 'gm'), `__watched(${name})(`)
  for (const [, name] of source.matchAll(/^const (\w+) = async\b/gm))
    text = text.replace(new RegExp(`^${name}\\(`, 'gm'), `__watched(${name})(`)
  return text
}
Object.defineProperty(globalThis, '__watched', {
  value:
    (fn) =>
    (...args) =>
      watched(fn(...args)),
  enumerable: false,
})
/** Reports a rejection only if nobody has taken the promise by the end of the turn. */
function watched(result) {
  if (!(result instanceof Promise)) return result
  const own = { seen: false }
  // oxlint-disable-next-line unicorn/no-thenable -- a promise that tells who takes it
  Object.defineProperty(result, 'then', {
    configurable: true,
    value: function (...args) {
      if (args.length > 0) own.seen = true
      return Promise.prototype.then.apply(this, args)
    },
  })
  Promise.prototype.then.call(result, undefined, (error) => {
    if (!own.seen) kernel.uncaught(error, 'unhandledRejection')
  })
  return result
}

class Module {
  constructor(id, parent) {
    this.id = id
    this.path = path.dirname(id)
    this.exports = {}
    this.filename = id
    this.loaded = false
    this.children = []
    this.paths = []
    Object.defineProperty(this, 'parent', { value: parent, enumerable: false })
  }
  require(name) {
    return load(name, this)
  }
  compile(source, filename) {
    const require = (name) => this.require(name)
    require.resolve = (name) => resolve(name, this.path, trailOf(this))
    require.cache = cache
    require.main = main
    const text = watchTopLevel(source.replace(/^#!.*/, ''))
    const run = host.compile(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, filename)
    kernel.watch(Reflect.apply(run, this.exports, [this.exports, require, this, filename, this.path]))
    this.loaded = true
  }
}
let main

function trailOf(module) {
  const trail = []
  for (let at = module; at; at = at.parent) trail.push(at.filename)
  return trail
}

function load(name, parent) {
  if (kernel.isBuiltin(name)) return kernel.require(name.replace(/^node:/, ''))
  const filename = resolve(name, parent.path, trailOf(parent))
  if (cache[filename]) return cache[filename].exports
  if (isModule(filename))
    throw Object.assign(
      new Error(
        `require() of ES Module ${filename} from ${parent.filename} not supported.\nInstead change the require of ${path.basename(filename)} in ${parent.filename} to a dynamic import() which is available in all CommonJS modules.`,
      ),
      {
        code: 'ERR_REQUIRE_ESM',
      },
    )
  const module = new Module(filename, parent)
  cache[filename] = module
  parent.children.push(module)
  try {
    loadInto(module)
  } catch (error) {
    delete cache[filename]
    throw error
  }
  return module.exports
}

function loadInto(module) {
  const { filename } = module
  if (!filename.endsWith('.json')) return module.compile(readText(filename), filename)
  try {
    module.exports = JSON.parse(readText(filename))
  } catch (error) {
    error.message = `${filename}: ${error.message}`
    throw error
  }
  module.loaded = true
}

/** Runs the program: a file, text of -e and -p, or what came from standard input. */
exports.start = (kind, text) => {
  if (kind === 'file') {
    const filename = find(`./${text}`.replace(/^\.\/\//, '/'), host.cwd())
    if (!filename) throw missing(`Cannot find module '${path.resolve(text)}'`, [])
    about.argv[1] = filename
    process.argv[1] = filename
    if (isModule(filename)) return startModule(`import ${JSON.stringify(filename)}`, '/')
    main = new Module(filename)
    main.id = '.'
    cache[filename] = main
    loadInto(main)
    return
  }
  main = new Module(path.join(host.cwd(), `[${kind}]`))
  main.id = `[${kind}]`
  if (kind === 'module') return startModule(text, path.join(host.cwd(), '[eval1]'))
  if (kind !== 'print' && kind !== 'eval' && kind !== 'repl') return main.compile(text, `[${kind}]`)
  Object.assign(globalThis, {
    module: main,
    exports: main.exports,
    require: (name) => main.require(name),
    __filename: '[eval]',
    __dirname: '.',
  })
  // The built-in modules are there by their names.
  for (const name of about.builtins)
    if (!name.includes('/') && !(name in globalThis))
      Object.defineProperty(globalThis, name, { configurable: true, get: () => kernel.require(name) })
  if (kind === 'repl') return kernel.require('internal/repl').begin()
  const value = host.compile(watchTopLevel(text), '[eval]')
  if (kind === 'print') console.log(value)
  else kernel.watch(value)
}

function startModule(source, name) {
  return host.compileModule(source, name)
}

// ES modules: asked for by the engine.
const MISSING = 'missing: '
exports.resolveModule = (base, name) => {
  if (kernel.isBuiltin(name)) return `node:${name.replace(/^node:/, '')}`
  const from = base.startsWith('/') ? path.dirname(base) : host.cwd()
  const relative = name.startsWith('file://') ? name.slice(7) : name
  const exact = /^\.{0,2}\//.test(relative) ? path.resolve(from, relative) : undefined
  const found = exact ? (isFile(exact) ? host.realpath(exact) : undefined) : find(relative, from)
  if (found) return found
  // The engine asks for its text next; that is where it fails.
  return `${MISSING}${exact ? `Cannot find module '${exact}'` : `Cannot find package '${name}'`} imported from ${base}`
}

const named = (exported) => Object.keys(exported).filter((key) => /^[A-Za-z_$][\w$]*$/.test(key) && key !== 'default' && !RESERVED.has(key))
const RESERVED = new Set(
  'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static await'.split(
    ' ',
  ),
)
const imported = new Map()
Object.defineProperty(globalThis, '__imported', { value: (name) => imported.get(name), enumerable: false })

exports.moduleSource = (name) => {
  if (name.startsWith(MISSING)) throw Object.assign(new Error(name.slice(MISSING.length)), { code: 'ERR_MODULE_NOT_FOUND' })
  if (!name.startsWith('node:') && isModule(name)) {
    const url = JSON.stringify(`file://${name}`)
    return readText(name)
      .replace(/^#!.*/, '')
      .replace(/\bimport\.meta\.url\b/g, url)
      .replace(/\bimport\.meta\.filename\b/g, JSON.stringify(name))
      .replace(/\bimport\.meta\.dirname\b/g, JSON.stringify(path.dirname(name)))
  }
  // What is no ES module comes in as its default export, and by the names of its properties.
  const exported = load(name, main ?? new Module('/'))
  imported.set(name, exported)
  const names = typeof exported === 'object' || typeof exported === 'function' ? named(exported ?? {}) : []
  return [
    `const it = __imported(${JSON.stringify(name)})`,
    'export default it',
    ...names.map((each) => `const $${each} = it.${each}\nexport { $${each} as ${each} }`),
  ].join('\n')
}

exports.Module = Module
exports.builtinModules = about.builtins.filter((name) => !name.includes('internal/'))
