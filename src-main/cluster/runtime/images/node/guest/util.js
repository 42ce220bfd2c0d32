// util: inspect as console.log shows values, format, and small helpers.
const { stackOf } = require('internal/errors')

const LINE = 72
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

function quote(text) {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : text.includes('`') ? "'" : '`'
  const escaped = text.replace(/[\\\p{Cc}]/gu, (c) => {
    const known = { '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r', '\b': '\\b', '\f': '\\f', '\v': '\\v' }[c]
    return known ?? `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })
  return mark + (mark === "'" ? escaped.replace(/'/g, "\\'") : escaped) + mark
}

function primitive(value) {
  if (typeof value === 'string') return quote(value)
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  return String(value)
}

const nameOf = (value) => {
  for (let proto = Object.getPrototypeOf(value); proto; proto = Object.getPrototypeOf(proto)) {
    const { constructor } = Object.getOwnPropertyDescriptors(proto)
    if (typeof constructor?.value === 'function' && constructor.value.name) return constructor.value.name
  }
  return null
}

function functionText(fn) {
  const isClass = /^class\b/.test(Function.prototype.toString.call(fn))
  if (isClass) {
    const parent = Object.getPrototypeOf(fn)
    return `[class ${fn.name || '(anonymous)'}${parent?.name ? ` extends ${parent.name}` : ''}]`
  }
  const kind = { AsyncFunction: 'AsyncFunction', GeneratorFunction: 'GeneratorFunction', AsyncGeneratorFunction: 'AsyncGeneratorFunction' }[
    fn[Symbol.toStringTag]
  ]
  return fn.name ? `[${kind ?? 'Function'}: ${fn.name}]` : `[${kind ?? 'Function'} (anonymous)]`
}

function inspect(value, options) {
  if (typeof options === 'boolean') options = {}
  const o = { depth: 2, compact: 3, breakLength: 80, ...options }
  if (o.depth === null) o.depth = Infinity
  const circular = new Map()
  const text = show(value, 0, 0, [], o, circular)
  return text
}

function show(value, level, indent, above, o, circular) {
  if (typeof value === 'function') {
    const keys = Object.keys(value)
    return keys.length === 0
      ? functionText(value)
      : block(functionText(value), entriesOf(value, keys, level, indent, above, o, circular), '{}', indent, o)
  }
  if (typeof value !== 'object' || value === null) return primitive(value)
  const custom = value[inspect.custom]
  if (typeof custom === 'function') {
    const result = custom.call(value, o.depth - level, o, inspect)
    return typeof result === 'string' ? result : show(result, level, indent, above, o, circular)
  }
  if (above.includes(value)) {
    if (!circular.has(value)) circular.set(value, circular.size + 1)
    return `[Circular *${circular.get(value)}]`
  }
  const text = object(value, level, indent, [...above, value], o, circular)
  return circular.has(value) ? `<ref *${circular.get(value)}> ${text}` : text
}

function object(value, level, indent, above, o, circular) {
  const name = nameOf(value)
  const keys = Object.keys(value).filter((key) => !(Array.isArray(value) || ArrayBuffer.isView(value)) || !/^\d+$/.test(key))
  const symbols = Object.getOwnPropertySymbols(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
  const tag = value[Symbol.toStringTag]
  const prefix = name === null ? '[Object: null prototype] ' : name === 'Object' && !(typeof tag === 'string' && tag) ? '' : `${name} `
  const tagged = typeof tag === 'string' && tag && tag !== name ? `${prefix || 'Object '}[${tag}] ` : prefix
  const inner = (each) => show(each, level + 1, indent + 2, above, o, circular)
  const more = () => entriesOf(value, [...keys, ...symbols], level, indent, above, o, circular)
  const plain = keys.length + symbols.length === 0

  if (value instanceof Error) {
    const own = keys.filter((key) => !['stack', 'message', 'name', 'fileName', 'lineNumber', 'cause'].includes(key))
    const lines = stackOf(value)
    const text = lines.includes('\n    at') || indent === 0 ? lines : `[${lines}]`
    const shown = !lines.includes('\n') && indent === 0 ? `[${text}]` : text
    const nested = indent > 0 ? shown.replace(/\n/g, `\n${' '.repeat(indent)}`) : shown
    const entries = entriesOf(value, own, level, indent, above, o, circular)
    if (value.cause !== undefined) entries.push(`[cause]: ${inner(value.cause)}`)
    return entries.length === 0
      ? nested
      : `${nested} {\n${entries.map((e) => `${' '.repeat(indent + 2)}${e}`).join(',\n')}\n${' '.repeat(indent)}}`
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof RegExp) return String(value)
  if (value instanceof String || value instanceof Number || value instanceof Boolean) return `[${name}: ${primitive(value.valueOf())}]`
  if (level > o.depth) return `[${Array.isArray(value) ? 'Array' : name === null ? 'Object: null prototype' : tagged.trim() || 'Object'}]`
  if (Array.isArray(value)) {
    const items = []
    for (let i = 0; i < Math.min(value.length, 100); i++) {
      if (i in value) items.push(inner(value[i]))
      else {
        const start = i
        while (i + 1 < value.length && !(i + 1 in value)) i++
        items.push(`<${i - start + 1} empty item${i > start ? 's' : ''}>`)
      }
    }
    const left = value.length - 100
    if (left > 0) items.push(`... ${left} more item${left > 1 ? 's' : ''}`)
    return block(
      name === 'Array' ? '' : `${name}(${value.length})`,
      columns([...items], value, o, plain && left <= 0).concat(more()),
      '[]',
      indent,
      o,
      items.length > 6,
    )
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    if (name === 'Buffer') {
      const bytes = Array.from(value.subarray(0, 50), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
      const left = value.length - 50
      return `<Buffer ${bytes}${left > 0 ? ` ... ${left} more byte${left > 1 ? 's' : ''}` : ''}>`
    }
    return block(`${name}(${value.length})`, columns(Array.from(value, primitive), value, o, true), '[]', indent, o, value.length > 6)
  }
  if (value instanceof Map)
    return block(`${name}(${value.size})`, [...value].map(([k, v]) => `${inner(k)} => ${inner(v)}`).concat(more()), '{}', indent, o)
  if (value instanceof Set) return block(`${name}(${value.size})`, [...value].map(inner).concat(more()), '{}', indent, o)
  if (value instanceof Promise) {
    const [state, result] = kernel.host.promiseState ? kernel.host.promiseState(value) : ['pending']
    return block(
      'Promise',
      [state === 'pending' ? '<pending>' : state === 'rejected' ? `<rejected> ${inner(result)}` : inner(result)],
      '{}',
      indent,
      o,
    )
  }
  if (value instanceof WeakMap || value instanceof WeakSet) return `${name} { <items unknown> }`
  if (value instanceof ArrayBuffer) return `ArrayBuffer { byteLength: ${value.byteLength} }`
  if (plain) return `${tagged}{}`
  return block(tagged.trim(), more(), '{}', indent, o)
}

function entriesOf(value, keys, level, indent, above, o, circular) {
  return keys.map((key) => {
    const label = typeof key === 'symbol' ? `[${String(key)}]` : IDENTIFIER.test(key) ? key : quote(key)
    const d = Object.getOwnPropertyDescriptor(value, key)
    if (d && (d.get || d.set)) return `${label}: [${d.get && d.set ? 'Getter/Setter' : d.get ? 'Getter' : 'Setter'}]`
    return `${label}: ${show(value[key], level + 1, indent + 2, above, o, circular)}`
  })
}

/** Long arrays are laid out in columns: numbers to the right, the rest to the left. */
function columns(items, value, o, simple) {
  if (!simple || items.length <= 6 || items.some((item) => item.includes('\n'))) return items
  const lengths = items.map((item) => item.length + 2)
  const widest = Math.max(...lengths)
  const total = lengths.reduce((sum, each) => sum + each, 0)
  if (!(widest * 3 < o.breakLength) || !(total / widest > 5 || widest <= 8)) return items
  const bias = Math.sqrt(widest - total / items.length)
  const count = Math.min(
    Math.round(Math.sqrt(2.5 * Math.max(widest - 3 - 0, 1) * items.length) / Math.max(widest - 3, 1)),
    Math.floor((o.breakLength - 0) / widest),
    o.compact * 4,
    15,
  )
  void bias
  if (count <= 1) return items
  const widths = Array.from({ length: count }, (_, c) => Math.max(...lengths.filter((_length, i) => i % count === c)))
  const right = Array.from(value).every((each) => typeof each === 'number' || typeof each === 'bigint')
  const rows = []
  for (let i = 0; i < items.length; i += count) {
    const row = items.slice(i, i + count)
    rows.push(
      row
        .map((item, c) => {
          const last = i + c === items.length - 1 || c === row.length - 1
          if (right) return (last ? item : `${item}, `).padStart(last ? widths[c] - 2 : widths[c])
          return last ? item : `${item}, `.padEnd(widths[c])
        })
        .join(''),
    )
  }
  return rows
}

function block(prefix, entries, [open, close], indent, o, long = false) {
  const head = prefix ? `${prefix} ` : ''
  if (entries.length === 0) return `${head}${open}${close}`
  const width = entries.reduce((sum, entry) => sum + entry.length, 0) + entries.length
  const nested = entries.some((entry) => entry.includes('\n'))
  const deep = entries.reduce((deepest, entry) => Math.max(deepest, nesting(entry)), 0)
  if (!long && !nested && deep < o.compact && width + head.length + indent <= LINE + 4 && width + entries.length <= o.breakLength - indent)
    return `${head}${open} ${entries.join(', ')} ${close}`
  const pad = ' '.repeat(indent + 2)
  return `${head}${open}\n${entries.map((entry) => pad + entry).join(',\n')}\n${' '.repeat(indent)}${close}`
}

/** How many levels of brackets an entry has. */
function nesting(text) {
  let [depth, deepest, quoted] = [0, 0, '']
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (quoted) quoted = c === quoted ? '' : quoted
    else if (c === "'" || c === '"' || c === '`') quoted = c
    // `{}` and `[Object]` are no level.
    else if ((c === '{' || c === '[') && /\s/.test(text[i + 1] ?? '')) deepest = Math.max(deepest, ++depth)
    else if ((c === '}' || c === ']') && /\s/.test(text[i - 1] ?? '')) depth--
  }
  return deepest
}

inspect.custom = Symbol.for('nodejs.util.inspect.custom')
inspect.defaultOptions = {}

function format(...args) {
  return formatWithOptions({}, ...args)
}

function formatWithOptions(options, first, ...rest) {
  const show = (each) => (typeof each === 'string' ? each : inspect(each, options))
  if (typeof first !== 'string')
    return [first, ...rest]
      .map(show)
      .join(' ')
      .replace(/^undefined$/, arguments.length > 1 ? 'undefined' : '')
  const text = first.replace(/%[sdifjoOc%]/g, (token) => {
    if (token === '%%') return rest.length > 0 || first.includes('%s') ? '%' : '%%'
    if (rest.length === 0) return token
    const arg = rest.shift()
    switch (token) {
      case '%s':
        return typeof arg === 'object' && arg !== null
          ? inspect(arg, { depth: 0 })
          : typeof arg === 'bigint'
            ? `${arg}n`
            : Object.is(arg, -0)
              ? '-0'
              : String(arg)
      case '%d':
        return typeof arg === 'bigint' ? `${arg}n` : typeof arg === 'object' ? 'NaN' : String(Number(arg))
      case '%i':
        return String(Number.parseInt(arg))
      case '%f':
        return String(Number.parseFloat(arg))
      case '%j':
        return JSON.stringify(arg)
      case '%c':
        return ''
      default:
        return inspect(arg, { depth: 4 })
    }
  })
  return [text, ...rest.map(show)].join(' ')
}

exports.inspect = inspect
exports.format = format
exports.formatWithOptions = formatWithOptions
exports.promisify = (fn) =>
  fn[exports.promisify.custom] ??
  function (...args) {
    return new Promise((resolve, reject) => fn.call(this, ...args, (error, value) => (error ? reject(error) : resolve(value))))
  }
exports.promisify.custom = Symbol.for('nodejs.util.promisify.custom')
exports.callbackify =
  (fn) =>
  (...args) => {
    const done = args.pop()
    fn(...args).then((value) => done(null, value), done)
  }
exports.inherits = (child, parent) => {
  child.super_ = parent
  Object.setPrototypeOf(child.prototype, parent.prototype)
}
exports.deprecate = (fn) => fn
exports.isDeepStrictEqual = (a, b) => require('assert').isDeepEqual(a, b, true)
exports.isArray = Array.isArray
exports.types = {
  isDate: (v) => v instanceof Date,
  isRegExp: (v) => v instanceof RegExp,
  isPromise: (v) => v instanceof Promise,
  isNativeError: (v) => v instanceof Error,
  isMap: (v) => v instanceof Map,
  isSet: (v) => v instanceof Set,
}
exports.TextEncoder = globalThis.TextEncoder
exports.TextDecoder = globalThis.TextDecoder
