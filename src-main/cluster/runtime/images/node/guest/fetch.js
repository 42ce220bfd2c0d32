// fetch over http.
const http = require('http')
const { Buffer } = require('buffer')

class Headers {
  #map = new Map()
  constructor(init = {}) {
    for (const [name, value] of init[Symbol.iterator] ? init : Object.entries(init)) this.append(name, value)
  }
  append(name, value) {
    const key = name.toLowerCase()
    this.#map.set(key, this.#map.has(key) ? `${this.#map.get(key)}, ${value}` : String(value))
  }
  set(name, value) {
    this.#map.set(name.toLowerCase(), String(value))
  }
  get(name) {
    return this.#map.get(name.toLowerCase()) ?? null
  }
  has(name) {
    return this.#map.has(name.toLowerCase())
  }
  forEach(fn) {
    this.#map.forEach((value, name) => fn(value, name, this))
  }
  entries() {
    return [...this.#map].sort().values()
  }
  [Symbol.iterator]() {
    return this.entries()
  }
}

class Response {
  constructor(url, message, body) {
    this.status = message.statusCode
    this.statusText = message.statusMessage
    this.ok = this.status >= 200 && this.status < 300
    this.url = url
    this.headers = new Headers(message.headers)
    this.bodyUsed = false
    Object.defineProperty(this, '_body', { value: body, enumerable: false })
  }
  async arrayBuffer() {
    this.bodyUsed = true
    return this._body.slice().buffer
  }
  async text() {
    this.bodyUsed = true
    return this._body.toString()
  }
  async json() {
    return JSON.parse(await this.text())
  }
}

exports.fetch = (input, options = {}, redirects = 0) =>
  new Promise((resolve, reject) => {
    const url = new URL(String(input))
    const headers = { accept: '*/*', 'user-agent': 'node', ...Object.fromEntries(new Headers(options.headers ?? {})) }
    const req = http.request(url, { method: options.method ?? 'GET', headers })
    const failed = (cause) => reject(Object.assign(new TypeError('fetch failed'), { cause }))
    req.on('error', failed)
    req.on('response', (message) => {
      const { location } = message.headers
      if (location && [301, 302, 303, 307, 308].includes(message.statusCode) && options.redirect !== 'manual') {
        message.resume()
        if (redirects >= 20) return failed(new Error('redirect count exceeded'))
        return resolve(
          exports.fetch(
            new URL(location, url),
            message.statusCode === 303 ? { ...options, method: 'GET', body: undefined } : options,
            redirects + 1,
          ),
        )
      }
      const parts = []
      message.on('data', (part) => parts.push(part))
      message.on('error', failed)
      message.on('end', () => resolve(new Response(url.href, message, Buffer.concat(parts))))
    })
    const body = options.body instanceof URLSearchParams ? options.body.toString() : options.body
    if (body !== undefined && body !== null) req.setHeader('content-length', Buffer.byteLength(body))
    req.end(body ?? undefined)
  })
