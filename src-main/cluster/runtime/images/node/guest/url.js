// url: the URL class for the schemes of the web, and the older parse.
const querystring = require('querystring')
const { inspect } = require('util')
const PORTS = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21' }

class URLSearchParams {
  #list = []
  #changed
  constructor(init = '', changed) {
    this.#changed = changed
    if (typeof init === 'string') {
      for (const part of init.replace(/^\?/, '').split('&')) {
        if (part === '') continue
        const [key, ...value] = part.split('=')
        this.#list.push([querystring.unescape(key), querystring.unescape(value.join('='))])
      }
    } else this.#list = [...(init[Symbol.iterator] ? init : Object.entries(init))].map(([k, v]) => [String(k), String(v)])
  }
  append(name, value) {
    this.#list.push([String(name), String(value)])
    this.#changed?.()
  }
  set(name, value) {
    const at = this.#list.findIndex(([key]) => key === name)
    if (at < 0) this.#list.push([String(name), String(value)])
    else {
      this.#list[at][1] = String(value)
      this.#list = this.#list.filter(([key], i) => key !== name || i === at)
    }
    this.#changed?.()
  }
  delete(name) {
    this.#list = this.#list.filter(([key]) => key !== name)
    this.#changed?.()
  }
  get(name) {
    return this.#list.find(([key]) => key === name)?.[1] ?? null
  }
  getAll(name) {
    return this.#list.filter(([key]) => key === name).map(([, value]) => value)
  }
  has(name) {
    return this.#list.some(([key]) => key === name)
  }
  get size() {
    return this.#list.length
  }
  forEach(fn) {
    for (const [key, value] of this.#list) fn(value, key, this)
  }
  keys() {
    return this.#list.map(([key]) => key).values()
  }
  values() {
    return this.#list.map(([, value]) => value).values()
  }
  entries() {
    return this.#list.values()
  }
  [Symbol.iterator]() {
    return this.entries()
  }
  toString() {
    const encode = (text) =>
      encodeURIComponent(text)
        .replace(/%20/g, '+')
        .replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    return this.#list.map(([key, value]) => `${encode(key)}=${encode(value)}`).join('&')
  }
  [inspect.custom]() {
    const parts = this.#list.map(([key, value]) => `${inspect(key)} => ${inspect(value)}`)
    return parts.length ? `URLSearchParams { ${parts.join(', ')} }` : 'URLSearchParams {}'
  }
}

class URL {
  constructor(input, base) {
    let text = String(input).trim()
    if (!/^[a-z][a-z\d+.-]*:/i.test(text)) {
      if (base === undefined) throw Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: text })
      const b = new URL(base)
      const path = text.replace(/[?#].*/, '')
      if (text.startsWith('//')) text = b.protocol + text
      else if (text.startsWith('/')) text = `${b.protocol}//${b._authority()}${text}`
      else
        text = `${b.protocol}//${b._authority()}${path ? b.pathname.replace(/[^/]*$/, '') : b.pathname}${text.startsWith('#') ? b.search : ''}${text}`
    }
    const match =
      /^([a-z][a-z\d+.-]*:)(?:\/\/(?:([^/?#@:]*)(?::([^/?#@]*))?@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?)?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(text)
    const special = match && match[1].toLowerCase() in PORTS
    if (!match || (special && !match[4]) || Number(match[5] ?? 0) > 65535)
      throw Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: text })
    const [, protocol, username = '', password = '', hostname = '', port = '', pathname, search = '', hash = ''] = match
    this.protocol = protocol.toLowerCase()
    this.username = username
    this.password = password
    this.hostname = special ? hostname.toLowerCase() : hostname
    this.port = port === PORTS[this.protocol] ? '' : port
    this.pathname = encodeURI(decodeURI(special || pathname.startsWith('/') ? this._normalize(pathname || '/') : pathname))
    this._search = search === '?' ? '' : encodeURI(search).replace(/%25/g, '%')
    this.hash = hash === '#' ? '' : hash
    for (const name of ['_search', '_params']) Object.defineProperty(this, name, { enumerable: false, writable: true, value: this[name] })
  }
  _normalize(path) {
    const parts = []
    for (const part of path.split('/').slice(1)) {
      if (part === '..') parts.pop()
      else if (part !== '.') parts.push(part)
    }
    if (/\/\.{1,2}$/.test(path)) parts.push('')
    return `/${parts.join('/')}`
  }
  _authority() {
    const user = this.username ? `${this.username}${this.password ? `:${this.password}` : ''}@` : ''
    return user + this.host
  }
  static canParse(input, base) {
    try {
      return Boolean(new URL(input, base))
    } catch {
      return false
    }
  }
  get host() {
    return this.hostname + (this.port ? `:${this.port}` : '')
  }
  get origin() {
    return this.protocol in PORTS ? `${this.protocol}//${this.host}` : 'null'
  }
  get search() {
    return this._search
  }
  set search(value) {
    this._search = value && !value.startsWith('?') ? `?${value}` : value
    this._params = undefined
  }
  get searchParams() {
    return (this._params ??= new URLSearchParams(this._search, () => {
      const text = this._params.toString()
      this._search = text ? `?${text}` : ''
    }))
  }
  get href() {
    return `${this.protocol}${this.hostname || this.protocol === 'file:' ? `//${this._authority()}` : ''}${this.pathname}${this.search}${this.hash}`
  }
  toString() {
    return this.href
  }
  toJSON() {
    return this.href
  }
  [inspect.custom](_depth, options) {
    const { href, origin, protocol, username, password, host, hostname, port, pathname, search, searchParams, hash } = this
    return `URL ${inspect({ href, origin, protocol, username, password, host, hostname, port, pathname, search, searchParams, hash }, options)}`
  }
}

function parse(text, withQuery = false) {
  const match = /^(?:([a-z][a-z\d+.-]*:)?(?:\/\/(?:([^@/]*)@)?(\[[^\]]*\]|[^/:?#]*)(?::(\d+))?)?)?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(text)
  const [, protocol = null, auth = null, hostname = null, port = null, pathname, search = null, hash = null] = match ?? []
  const query = search === null ? (withQuery ? {} : null) : withQuery ? querystring.parse(search.slice(1)) : search.slice(1)
  const host = hostname === null ? null : hostname + (port ? `:${port}` : '')
  return {
    protocol,
    slashes: hostname === null ? null : true,
    auth,
    host,
    port,
    hostname,
    hash,
    search: search ?? (withQuery ? '' : null),
    query,
    pathname: pathname || (hostname ? '/' : null),
    path: (pathname || (hostname ? '/' : '')) + (search ?? '') || null,
    href: text,
  }
}

module.exports = {
  URL,
  URLSearchParams,
  parse,
  format: (url) =>
    url instanceof URL
      ? url.href
      : `${url.protocol ?? ''}${url.host || url.hostname ? `//${url.host ?? url.hostname + (url.port ? `:${url.port}` : '')}` : ''}${url.pathname ?? ''}${url.search ?? (url.query ? `?${querystring.stringify(url.query)}` : '')}`,
  resolve: (from, to) => new URL(to, from).href,
  fileURLToPath: (url) => decodeURIComponent(new URL(url).pathname),
  pathToFileURL: (path) => new URL(`file://${require('path').resolve(path)}`),
}
